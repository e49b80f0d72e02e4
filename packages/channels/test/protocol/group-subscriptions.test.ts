import {
  commands,
  encoders,
  frameSequence,
  type GroupSubscribeOptions,
  InMemoryLayer,
  jsonFrame,
  LayerRegistry,
  type ProtocolEvents,
  protocolConsumer,
  protocolGroup,
  route,
  urlRouter,
} from "@multichat/channels";
import { defineProtocol, SUBPROTOCOL } from "@multichat/channels/protocol";
import { eventually, WebsocketCommunicator } from "@multichat/channels/testing";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";

const feed = defineProtocol({
  commands: {
    subscribe: {
      input: z.object({ groups: z.array(z.string()), recover: z.boolean().optional(), limit: z.number().optional() }),
      reply: z.object({ recovered: z.array(z.boolean()) }),
    },
    post: { input: z.object({ text: z.string() }) },
    join: { input: z.object({ group: z.string() }) },
    leave: { input: z.object({ group: z.string() }) },
    groups: { input: z.object({}), reply: z.object({ groups: z.array(z.string()) }) },
  },
  events: { posted: z.object({ text: z.string().max(100_000) }), "user.left": z.object({ user: z.string() }) },
});

class FeedConsumer extends protocolConsumer(feed)<Record<never, never>, { "access.lost": { user: string } }> {
  static override commands = commands<FeedConsumer>({
    subscribe: async (_consumer, { groups, recover, limit }, call) => {
      const options: GroupSubscribeOptions = {
        ...(recover === undefined ? {} : { recover }),
        ...(limit === undefined ? {} : { limit }),
      };
      const subscribed = [];
      for (const group of groups) subscribed.push(await call.subscribe(group, options));
      return { recovered: subscribed.map(({ recovered }) => recovered) };
    },
    join: {
      concurrent: true,
      run: async (_consumer, { group }, call) => {
        await gates.join;
        await call.subscribe(group);
      },
    },
    leave: (consumer, { group }) => consumer.groupDiscard(group),
    groups: (consumer) => ({ groups: [...consumer.groups] }),
    post: async (consumer, { text }) => {
      await consumer.group("news").send("posted", { text }, { except: consumer.channelName });
    },
  });

  accessLost(): void | Promise<void> {}

  override shouldSend(event: { readonly type: string }): boolean {
    return !("text" in event && event.text === "hidden");
  }
}

/** What the next `join` waits for before it subscribes, and what the next `groupAdd` of the layer waits for. */
let gates: { readonly join?: Promise<void>; readonly groupAdd?: Promise<void> } = {};

class GatedLayer extends InMemoryLayer {
  override async groupAdd(group: string, channel: string): Promise<void> {
    await gates.groupAdd;
    await super.groupAdd(group, channel);
  }
}

let layer: InMemoryLayer;
const communicators: WebsocketCommunicator[] = [];
beforeEach(() => {
  gates = {};
  layer = new GatedLayer({ history: 20, groupHistory: [{ group: "plain", history: 0 }] });
});
afterEach(async () => {
  for (const communicator of communicators.splice(0)) await communicator.disconnect();
  await layer.close();
});

/** Shows the texts in capitals, twice where there are two, and those that are no frames of a protocol as they are. */
class LoudConsumer extends FeedConsumer {
  static override encoders = encoders<ProtocolEvents<typeof feed>>({
    posted: ({ text }) => {
      if (text === "raw") return text;
      const frames = text.split(" ").map((word) => jsonFrame({ on: "posted", text: word.toUpperCase() }));
      return frameSequence(frames);
    },
    "user.left": () => undefined,
  });
}

async function open(consumer = FeedConsumer): Promise<WebsocketCommunicator> {
  const layers = new LayerRegistry();
  layers.register("default", layer);
  const client = new WebsocketCommunicator(urlRouter([route("/", consumer)]), "/", { layers });
  communicators.push(client);
  await client.connect();
  return client;
}

async function ask(client: WebsocketCommunicator, frame: object): Promise<Record<string, unknown>> {
  client.sendJson(frame);
  return (await client.receiveJson()) as Record<string, unknown>;
}

const news = () => protocolGroup(feed, layer, "news");

/** Sends texts, and returns the position before them. */
async function post(...texts: readonly string[]): Promise<{ group: string; epoch: string; offset: number }> {
  const { position } = await layer.groupHistory("news", { limit: 0 });
  if (position === undefined) throw new Error("Expected a position.");
  for (const text of texts) await news().send("posted", { text });
  return { group: "news", ...position };
}

test("a command that subscribes has the group's position in its reply, and the events have theirs", async () => {
  const client = await open();
  const { epoch, offset } = await post("before");
  const reply = await ask(client, { id: 1, do: "subscribe", groups: ["news", "plain"] });
  expect(reply).toEqual({
    re: 1,
    ok: { recovered: [false, false] },
    groups: [
      { group: "news", epoch, offset: offset + 1, recovered: false },
      { group: "plain", recovered: false },
    ],
  });
  const position = await news().send("posted", { text: "after" });
  expect(position).toEqual({ epoch, offset: offset + 2 });
  const $position = { group: "news", ...position };
  expect(await client.receiveJson()).toEqual({ on: "posted", text: "after", $position });
  await layer.groupSend("plain", { type: "posted", text: "without" });
  expect(await client.receiveJson()).toEqual({ on: "posted", text: "without" });
});

test("with a position it has what followed, but for what the client does not get", async () => {
  const client = await open();
  const since = await post("1", "hidden");
  await layer.groupSend("news", { type: "access.lost", user: "ann" });
  await layer.groupSend("news", { type: "posted", text: 7 });
  await layer.groupSend("news", { type: "constructor" });
  await post("2");
  const reply = await ask(client, { id: 1, do: "subscribe", groups: ["news"], $since: [since] });
  expect(reply).toEqual({
    re: 1,
    ok: { recovered: [true] },
    groups: [
      {
        group: "news",
        epoch: since.epoch,
        offset: since.offset + 6,
        recovered: true,
        events: [
          { on: "posted", text: "1" },
          { on: "posted", text: "2" },
        ],
      },
    ],
  });
  // The invalid one is in the log, as it is when it is delivered.
  expect(client.errors).toHaveLength(1);
});

test("what was missed is encoded as what is delivered, and not recovered where a reply cannot contain it", async () => {
  const client = await open(LoudConsumer);
  const since = await post("one two");
  await news().send("user.left", { user: "ann" });
  const frame = { do: "subscribe", groups: ["news"], $since: [since] };
  expect(await ask(client, { id: 1, ...frame })).toMatchObject({
    groups: [
      {
        recovered: true,
        events: [
          { on: "posted", text: "ONE" },
          { on: "posted", text: "TWO" },
        ],
      },
    ],
  });
  await post("raw");
  expect(await client.receiveText()).toBe("raw");
  expect(await ask(client, { id: 2, ...frame })).toMatchObject({ groups: [{ recovered: false, offset: 3 }] });
});

test("the connection that was excepted does not get the event later either", async () => {
  const [author, other] = [await open(), await open()];
  const since = await post();
  for (const client of [author, other]) await ask(client, { id: 1, do: "subscribe", groups: ["news"] });
  expect(await ask(author, { id: 2, do: "post", text: "own" })).toEqual({ re: 2, ok: {} });
  expect(await other.receiveJson()).toMatchObject({ on: "posted", text: "own" });
  const frame = { id: 3, do: "subscribe", groups: ["news"], $since: [since] };
  expect(await ask(author, frame)).toMatchObject({ groups: [{ recovered: true, events: [] }] });
  expect(await ask(other, frame)).toMatchObject({ groups: [{ recovered: true, events: [{ text: "own" }] }] });
});

test("a group that is subscribed to twice is in the reply once", async () => {
  const client = await open();
  const since = await post("1");
  const reply = await ask(client, { id: 1, do: "subscribe", groups: ["news", "news"], $since: [since] });
  expect(reply.groups).toMatchObject([{ group: "news", recovered: true, events: [{ text: "1" }] }]);
});

test.each([
  ["the handler does not want it", { recover: false }, {}],
  ["there are more events than its limit", { limit: 1 }, {}],
  ["the position is of another epoch", {}, { epoch: "another" }],
  ["the position is of another group", {}, { group: "others" }],
])("nothing is recovered where %s", async (_, input, change) => {
  const client = await open();
  const since = { ...(await post("1", "2")), ...change };
  const reply = await ask(client, { id: 1, do: "subscribe", groups: ["news"], ...input, $since: [since] });
  expect(reply).toMatchObject({ ok: { recovered: [false] }, groups: [{ recovered: false, offset: 2 }] });
  expect(JSON.stringify(reply)).not.toContain("events");
});

test("nothing is recovered where it would be too much for one reply", async () => {
  const client = await open();
  const since = await post(...Array.from({ length: 4 }, () => "x".repeat(90_000)));
  const reply = await ask(client, { id: 1, do: "subscribe", groups: ["news"], $since: [since] });
  expect(reply).toMatchObject({ groups: [{ recovered: false, offset: 4 }] });
  const later = { ...since, offset: 2 };
  expect(await ask(client, { id: 2, do: "subscribe", groups: ["news"], $since: [later] })).toMatchObject({
    groups: [{ recovered: true }],
  });
});

test.each([
  ["no list", {}],
  ["too many", Array.from({ length: 101 }, () => ({ group: "news", epoch: "a", offset: 0 }))],
  ["no object", [null]],
  ["no group", [{ epoch: "a", offset: 0 }]],
  ["an offset that is no whole number", [{ group: "news", epoch: "a", offset: 0.5 }]],
  ["an epoch that is too long", [{ group: "news", epoch: "a".repeat(65), offset: 0 }]],
])("$since with %s is refused", async (_, $since) => {
  const client = await open();
  expect(await ask(client, { id: 1, do: "subscribe", groups: [], $since })).toMatchObject({
    re: 1,
    error: { code: "FRAME_INVALID" },
  });
});

test("a client that has subscribed gets server.gap in the place of events that were dropped", async () => {
  let release = (): void => {};
  let isBusy = false;
  class BusyConsumer extends FeedConsumer {
    override accessLost(): Promise<void> {
      return new Promise((resolve) => {
        release = resolve;
        isBusy = true;
      });
    }
  }
  const layers = new LayerRegistry();
  layers.register("default", layer);
  const options = { layers, maxQueuedEvents: 2, subprotocols: [SUBPROTOCOL] };
  const client = new WebsocketCommunicator(urlRouter([route("/", BusyConsumer)]), "/", options);
  communicators.push(client);
  await client.connect();
  await ask(client, { id: 1, do: "subscribe", groups: ["plain"] });
  await layer.groupSend("plain", { type: "access.lost", user: "ann" });
  await eventually(() => isBusy);
  for (const text of ["1", "2", "3", "4"]) await layer.groupSend("plain", { type: "posted", text });
  release();
  const frames = [];
  for (let i = 0; i < 3; i += 1) frames.push(await client.receiveJson());
  expect(frames).toEqual([{ on: "posted", text: "1" }, { on: "posted", text: "2" }, { on: "server.gap" }]);
});

test("a group's history has the protocol's events, typed", async () => {
  const since = await post("1");
  await layer.groupSend("news", { type: "unknown" });
  await layer.groupSend("news", { type: "posted" });
  await news().send("user.left", { user: "ann" }, { except: "channel" });
  const history = await news().history({ since });
  expect(history).toEqual({
    recovered: true,
    position: { epoch: since.epoch, offset: 4 },
    events: [
      { event: "posted", payload: { text: "1" }, offset: 1 },
      { event: "user.left", payload: { user: "ann" }, offset: 4, except: "channel" },
    ],
  });
  for (const event of history.events) {
    if (event.event === "posted") expectTypeOf(event.payload).toEqualTypeOf<{ text: string }>();
    else expectTypeOf(event.payload.user).toBeString();
  }
  expect(await news().history({ since: { epoch: "other", offset: 0 } })).toMatchObject({ recovered: false });
});

describe.each(["before it joins", "while it joins"])("a concurrent command that is canceled %s", (when) => {
  const gate = (waits: Promise<void>) => {
    gates = when === "before it joins" ? { join: waits } : { groupAdd: waits };
  };
  const joined = async (client: WebsocketCommunicator) =>
    ((await ask(client, { id: 9, do: "groups" })) as { ok: { groups: string[] } }).ok.groups;

  test("has not joined, also after the client has left", async () => {
    const client = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    gate(promise);
    client.sendJson({ id: 1, do: "join", group: "news" });
    expect(await ask(client, { cancel: 1 })).toMatchObject({ re: 1, error: { code: "COMMAND_CANCELED" } });
    expect(await ask(client, { id: 2, do: "leave", group: "news" })).toMatchObject({ re: 2, ok: {} });
    resolve();
    // The connection ends when its handlers have ended, so that nothing of them follows.
    gates = {};
    await new Promise((done) => setImmediate(done));
    expect(await joined(client)).toEqual([]);
  });

  test("ends no membership that another command has", async () => {
    const client = await open();
    const { promise, resolve } = Promise.withResolvers<void>();
    gate(promise);
    for (const id of [1, 2, 3]) client.sendJson({ id, do: "join", group: "news" });
    expect(await ask(client, { cancel: 3 })).toMatchObject({ re: 3, error: { code: "COMMAND_CANCELED" } });
    expect(await ask(client, { cancel: 1 })).toMatchObject({ re: 1, error: { code: "COMMAND_CANCELED" } });
    resolve();
    expect(await client.receiveJson()).toMatchObject({ re: 2, ok: {} });
    expect(await joined(client)).toEqual(["news"]);
    gate(Promise.resolve());
    client.sendJson({ id: 4, do: "join", group: "news" });
    await ask(client, { cancel: 4 });
    await new Promise((done) => setImmediate(done));
    expect(await joined(client)).toEqual(["news"]);
  });
});
