import { ChannelsError, commands, InMemoryIdempotencyStore, protocolConsumer } from "@multichat/channels";
import { defineProtocol } from "@multichat/channels/protocol";
import { z } from "zod";

export const chat = defineProtocol({
  commands: {
    "message.send": {
      summary: "Posts a message to a room that the connection has joined.",
      input: z.object({ room: z.string(), text: z.string().max(40), key: z.string().optional() }),
      reply: z.object({ id: z.number() }),
    },
    "room.join": { input: z.object({ room: z.string() }) },
    wait: { input: z.object({ for: z.string() }), reply: z.object({ waited: z.string() }) },
    "wait.inTurn": { input: z.object({ for: z.string() }), reply: z.object({ waited: z.string() }) },
    fail: {
      input: z.object({ how: z.enum(["code", "throw", "reply", "reject", "outage"]) }),
      reply: z.object({ n: z.number() }),
    },
    break: { input: z.object({ how: z.string() }), reply: z.unknown() },
  },
  events: {
    "message.posted": z.object({ room: z.string(), from: z.string(), text: z.string() }),
    greeting: z.object({ text: z.string() }),
  },
  errors: { ROOM_ACCESS_DENIED: "You are not a member of this room.", ROOM_FULL: "The room is full." },
});

/** What a test decides: when a waiting command ends, and what it has seen. */
export class Gates {
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();
  readonly aborted: string[] = [];
  runs = 0;

  gate(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }
}

type ChatHook = InstanceType<ReturnType<typeof protocolConsumer<typeof chat>>>["onCommandError"];

/** Returns a consumer class of its own, with its gates. */
export function chatConsumer(gates: Gates) {
  return class ChatConsumer extends protocolConsumer(chat)<{ user: { name: string } }> {
    static override idempotency = new InMemoryIdempotencyStore();
    static override maxConcurrentFrames = 4;
    static override commands = commands<ChatConsumer>({
      "room.join": async (consumer, { room }) => {
        await consumer.groupAdd(`room.${room}`);
      },
      "message.send": {
        idempotencyKey: (consumer, { key }) => (key === undefined ? undefined : `${consumer.scope.user.name} ${key}`),
        async run(consumer, { room, text }, call) {
          if (!consumer.groups.has(`room.${room}`)) throw call.error("ROOM_ACCESS_DENIED", { details: { room } });
          gates.runs += 1;
          await consumer.group(`room.${room}`).send("message.posted", { room, from: consumer.scope.user.name, text });
          return { id: gates.runs };
        },
      },
      wait: {
        concurrent: true,
        timeoutMs: 60_000,
        async run(_consumer, input, { signal }) {
          signal.addEventListener("abort", () => {
            gates.aborted.push(input.for);
          });
          await gates.gate(input.for).promise;
          return { waited: input.for };
        },
      },
      "wait.inTurn": async (_consumer, input) => {
        await gates.gate(input.for).promise;
        return { waited: input.for };
      },
      fail: (_consumer, { how }, call) => {
        if (how === "code") throw call.error("ROOM_FULL", { message: "Full since noon." });
        if (how === "throw") throw new Error("a secret of the server");
        if (how === "reject") return Promise.reject(new TypeError("another secret"));
        if (how === "outage") throw new ChannelsError("LayerDisconnected", { reason: "connection refused" });
        // The type checker refuses it; JavaScript does not.
        return { n: "one" } as never;
      },
      break: (_consumer, { how }, call) => {
        if (how === "unsendable") return { n: 1n };
        if (how === "unsendable details") throw call.error("ROOM_FULL", { details: { n: 1n } });
        throw new Error(how);
      },
    });

    /** The compiler refuses what the last two return; JavaScript does not. */
    override onCommandError(error: unknown, call: Parameters<ChatHook>[1]): ReturnType<ChatHook> {
      const { message } = error as Error;
      if (message === "hook throws") throw new Error("worse");
      if (message === "hook is async") return Promise.reject(new Error("worse")) as never;
      if (message === "hook returns text") return "INTERNAL" as never;
      return super.onCommandError(error, call);
    }

    override async connect(): Promise<void> {
      this.accept();
      this.emit("greeting", { text: `hello, ${this.scope.user.name}` });
    }
  };
}
