import {
  closeLayers,
  commands,
  getLayer,
  InMemoryIdempotencyStore,
  InMemoryLayer,
  protocolConsumer,
  protocolGroup,
  registerLayer,
  route,
  unregisterLayer,
  urlRouter,
} from "@multichat/channels";
import { BUILT_IN_ERRORS, defineProtocol, type Schema, unchecked } from "@multichat/channels/protocol";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import { type } from "arktype";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

describe("defineProtocol", () => {
  const input = z.object({});

  test.each(["", "1a", "Message", "a b", "a..b", ".a", "a.", "__proto__x", "a/b", "é", "a".repeat(100)])(
    "refuses the name %j",
    (name) => {
      expect(() => defineProtocol({ commands: { [name]: { input } } })).toThrow("cannot be used");
      expect(() => defineProtocol({ commands: {}, events: { [name]: input } })).toThrow("cannot be used");
    },
  );

  test.each(["server.gap", "server.draining", "server.of.mine"])("refuses the event %j", (name) => {
    expect(() => defineProtocol({ commands: {}, events: { [name]: input } })).toThrow("begin with `server.`");
  });

  test.each(["", "roomFull", "ROOM-FULL", "_A", "A_", "1A", ...Object.keys(BUILT_IN_ERRORS)])(
    "refuses the error code %j",
    (code) => {
      expect(() => defineProtocol({ commands: {}, errors: { [code]: "…" } })).toThrow("cannot be used");
    },
  );

  test.each([undefined, null, {}, { "~standard": {} }, () => true])("refuses %j as a schema", (schema) => {
    expect(() => defineProtocol({ commands: { a: { input: schema as never } } })).toThrow('the input of command "a"');
    expect(() => defineProtocol({ commands: {}, events: { a: schema as never } })).toThrow('event "a"');
  });
});

describe("a consumer class", () => {
  const protocol = defineProtocol({ commands: { a: { input: z.object({}) }, b: { input: z.object({}) } } });

  test("without a handler for each command is refused by the router", () => {
    class None extends protocolConsumer(protocol) {}
    expect(() => route("/", None)).toThrow('Consumer None cannot be used: its `static commands` lack "a".');
    class One extends protocolConsumer(protocol) {
      // The type checker refuses it; JavaScript does not.
      static override commands = commands<One>({ a: () => {} } as never);
    }
    expect(() => route("/", One)).toThrow('lack "b"');
  });

  test("with a handler for another command is refused by the router", () => {
    class Three extends protocolConsumer(protocol) {
      static override commands = commands<Three>({ a: () => {}, b: () => {}, c: () => {} } as never);
    }
    expect(() => route("/", Three)).toThrow('does not declare the command "c"');
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])("refuses a timeout of %s ms", (timeoutMs) => {
    class Timed extends protocolConsumer(protocol) {}
    expect(() => commands<Timed>({ a: () => {}, b: { run: () => {}, timeoutMs } })).toThrow("b.timeoutMs");
  });
});

describe("events", () => {
  const room = defineProtocol({
    commands: {},
    events: { said: z.object({ text: z.string().min(1) }), counted: unchecked<{ n: number }>() },
  });
  class Room extends protocolConsumer(room) {
    static override groups = ["room"];
  }
  let client: WebsocketCommunicator;
  beforeEach(async () => {
    registerLayer("default", new InMemoryLayer());
    client = new WebsocketCommunicator(urlRouter([route("/", Room)]), "/");
    await client.connect();
  });
  afterEach(async () => {
    await client.disconnect();
    await closeLayers();
    unregisterLayer("default");
  });

  test("are sent from anywhere, and validated at the sender", async () => {
    const group = protocolGroup(room, getLayer(), "room");
    await expect(group.send("said", { text: "" })).rejects.toMatchObject({ code: "InvalidEvent" });
    await expect(group.send("shouted" as "said", { text: "a" })).rejects.toThrow('Event "shouted"');
    await group.send("said", { text: "hi" });
    expect(await client.receiveJson()).toEqual({ on: "said", text: "hi" });
  });

  test.each([
    ["without its text", { type: "said" }],
    ["with a number", { type: "said", text: 7 }],
    ["with an empty text", { type: "said", text: "" }],
    ["of another type", { type: "shouted", text: "hi" }],
  ])("that another program puts on the layer %s reach no client", async (_, message) => {
    await getLayer().groupSend("room", message);
    await getLayer().groupSend("room", { type: "said", text: "hi", secret: "of another program" });
    // Nothing before it, and nothing that is not declared.
    expect(await client.receiveJson()).toEqual({ on: "said", text: "hi" });
  });

  test.each(["on", "type", "$position"])("with the key %j are refused, and rename no other event", async (key) => {
    const group = protocolGroup(room, getLayer(), "room");
    const payload = { n: 1, [key]: "said", text: "forged" };
    await expect(group.send("counted", payload)).rejects.toMatchObject({ code: "InvalidEvent" });
    if (key !== "type") await getLayer().groupSend("room", { ...payload, type: "counted" });
    await group.send("said", { text: "hi" });
    expect(await client.receiveJson()).toEqual({ on: "said", text: "hi" });
  });

  test("are encoded once for all consumers of the protocol, of whatever class", async () => {
    class Other extends protocolConsumer(room) {
      static override groups = ["room"];
    }
    expect(Other.encoders).toBe(Room.encoders);
  });
});

describe("schemas of every library", () => {
  test.each<[string, Schema<{ n: number }>]>([
    ["zod", z.object({ n: z.number() })],
    ["valibot", v.object({ n: v.number() })],
    ["arktype", type({ n: "number" })],
    ["one that waits", z.object({ n: z.number().refine(async (n) => n < 10) })],
  ])("%s", async (_, schema) => {
    const protocol = defineProtocol({ commands: { double: { input: schema, reply: schema } } });
    class Doubling extends protocolConsumer(protocol) {
      static override layer = null;
      static override commands = commands<Doubling>({ double: (_consumer, { n }) => ({ n: 2 * n }) });
    }
    const client = new WebsocketCommunicator(urlRouter([route("/", Doubling)]), "/");
    await client.connect();
    client.sendJson({ id: 1, do: "double", n: 4 });
    expect(await client.receiveJson()).toEqual({ re: 1, ok: { n: 8 } });
    client.sendJson({ id: 2, do: "double", n: "4" });
    expect(await client.receiveJson()).toMatchObject({
      re: 2,
      error: { code: "INPUT_INVALID", details: { issues: [{ path: "n" }] } },
    });
    await client.disconnect();
  });
});

describe("a schema that throws", () => {
  const broken = (): never => {
    throw new Error("a secret of the server");
  };
  test.each<[string, Schema<{ n: number }>]>([
    ["at once", { "~standard": { version: 1, vendor: "test", validate: broken } }],
    ["in a transform", z.object({ n: z.number().transform(broken) })],
    ["later", { "~standard": { version: 1, vendor: "test", validate: async () => broken() } }],
  ])("%s fails the command with INTERNAL, and the connection lives on", async (_, schema) => {
    const protocol = defineProtocol({ commands: { look: { input: schema }, rest: { input: z.object({}) } } });
    class Looking extends protocolConsumer(protocol) {
      static override layer = null;
      static override commands = commands<Looking>({ look: () => {}, rest: () => {} });
    }
    const looking = new WebsocketCommunicator(urlRouter([route("/", Looking)]), "/");
    await looking.connect();
    looking.sendJson({ id: 1, do: "look", n: 1 });
    const reply = await looking.receiveJson();
    expect(reply).toMatchObject({ re: 1, error: { code: "INTERNAL" } });
    expect(JSON.stringify(reply)).not.toContain("secret");
    looking.sendJson({ id: 1, do: "rest" });
    expect(await looking.receiveJson()).toEqual({ re: 1, ok: {} });
    expect(looking.errors.map(String)).toEqual(["Error: a secret of the server"]);
    await looking.disconnect();
  });
});

describe("the idempotency store", () => {
  test("never forgets a call under way", async () => {
    let now = 0;
    const store = new InMemoryIdempotencyStore({ maxEntries: 1, ttlMs: 10, now: () => now });
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = store.run("a", () => promise);
    for (const key of ["b", "c"]) await store.run(key, async () => key);
    now = 1_000;
    const second = store.run("a", async () => "another");
    resolve("the first");
    expect(await Promise.all([first, second])).toEqual(["the first", "the first"]);
    expect(await store.run("a", async () => "another"), "remembered from its end on").toBe("the first");
  });

  test("is one for each protocol", () => {
    const protocol = defineProtocol({ commands: {} });
    expect(protocolConsumer(protocol).idempotency).not.toBe(
      protocolConsumer(defineProtocol({ commands: {} })).idempotency,
    );
  });

  test("shares a call under way, forgets failures, what is old and what is too much", async () => {
    let now = 0;
    const store = new InMemoryIdempotencyStore({ maxEntries: 2, ttlMs: 1_000, now: () => now });
    let runs = 0;
    const run = (key: string) => store.run(key, async () => (runs += 1));
    expect(await Promise.all([run("a"), run("a")])).toEqual([1, 1]);
    await expect(store.run("b", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await run("b")).toBe(2);
    expect(await run("c"), "forgets a, the oldest of three").toBe(3);
    expect(await run("a")).toBe(4);
    now = 999;
    expect(await run("a")).toBe(4);
    now = 1_000;
    expect(await run("a")).toBe(5);
  });

  test.each([{ maxEntries: 0 }, { ttlMs: 0 }, { maxEntries: 1.5 }])("refuses %j", (options) => {
    expect(() => new InMemoryIdempotencyStore(options)).toThrow(Object.keys(options)[0]);
  });
});
