import {
  authMiddleware,
  commands,
  createServer,
  GroupControl,
  InMemoryIdempotencyStore,
  InMemoryLayer,
  InMemoryPresence,
  originValidator,
  type ProtocolConsumer,
  rateLimit,
  runWorker,
  urlRouter,
} from "@multichat/channels";
import { commandError, defineProtocol, toAsyncApi } from "@multichat/channels/protocol";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import { expect, test } from "vitest";

const application = urlRouter([]);
const layer = new InMemoryLayer({ history: 1 });
const protocol = defineProtocol({ commands: {} });
// Each takes what the compiler refuses: programs in JavaScript, and options that were put together.
const options = (names: object) => names as never;
const messageOf = async (call: () => unknown): Promise<string> => {
  try {
    await call();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return "nothing was thrown";
};

test.each<[string, () => unknown, string, string | undefined]>([
  ["a layer", () => new InMemoryLayer(options({ capcity: 1 })), "capcity", "capacity"],
  [
    "a rule",
    () => new InMemoryLayer({ groupHistory: [options({ group: "a", History: 1 })] }),
    "groupHistory[0].History",
    "history",
  ],
  [
    "a capacity",
    () => new InMemoryLayer({ channelCapacity: [options({ chanel: "a" })] }),
    "channelCapacity[0].chanel",
    "channel",
  ],
  ["a send", () => layer.groupSend("room", { type: "a" }, options({ excpet: "b" })), "excpet", "except"],
  ["a history", () => layer.groupHistory("room", options({ Since: 1 })), "Since", "since"],
  ["a server", () => createServer(application, options({ maxFramesBytes: 1 })), "maxFramesBytes", "maxFrameBytes"],
  ["listening", async () => createServer(application).listen(options({ hostname: "::" })), "hostname", undefined],
  ["a drain", async () => createServer(application).drain(options({ within: 1 })), "within", "withinMs"],
  ["rateLimit", () => rateLimit(options({ perConection: {} })), "perConection", "perConnection"],
  ["a rate", () => rateLimit({ perUser: options({ burst: 1, perSeconds: 1 }) }), "perUser.perSeconds", "perSecond"],
  ["originValidator", () => originValidator(options({ allow: [] })), "allow", "allowed"],
  ["authMiddleware", () => authMiddleware(() => 1, options({ statuss: 403 })), "statuss", "status"],
  ["a worker", () => runWorker(options({}), [], options({ concurency: 2 })), "concurency", "concurrency"],
  ["a presence", () => new InMemoryPresence(options({ graceMS: 1, window: 1 })), "graceMS", "graceMs"],
  ["group control", () => GroupControl.start(layer, options({ timeout: 1 })), "timeout", "timeoutMs"],
  ["an idempotency store", () => new InMemoryIdempotencyStore(options({ ttl: 1 })), "ttl", undefined],
  [
    "a command",
    () => commands<ProtocolConsumer<never>>(options({ "a.b": { run() {}, concurent: true } })),
    "a.b.concurent",
    "concurrent",
  ],
  ["an error", () => commandError(protocol, "INTERNAL", options({ detail: 1 })), "detail", "details"],
  ["a protocol", () => defineProtocol(options({ commands: {}, event: {} })), "event", "events"],
  ["AsyncAPI", () => toAsyncApi(protocol, options({ titel: "a" })), "titel", "title"],
  ["a communicator", () => new WebsocketCommunicator(application, "/", options({ header: {} })), "header", "headers"],
])("%s refuses an option that it does not know, and names the one that was meant", async (_, call, name, meant) => {
  const message = await messageOf(call);
  expect(message).toMatch(/^InvalidOption: Option "/);
  expect(message).toContain(`Option "${name}" must be one of `);
  expect(message).toMatch(/; got "\w+"\./);
  if (meant === undefined) expect(message).not.toContain("Did you mean");
  else expect(message).toMatch(new RegExp(`Did you mean "${meant}"\\?$`));
});

test.each([null, 1, "text"])("refuses %j in place of options", async (value) => {
  expect(await messageOf(() => new InMemoryLayer(value as never))).toContain('Option "options" must be an object');
});
