import {
  authMiddleware,
  closeLayers,
  InMemoryLayer,
  registerLayer,
  route,
  stack,
  unregisterLayer,
  urlRouter,
} from "@multichat/channels";
import { SUBPROTOCOL } from "@multichat/channels/protocol";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chatConsumer, Gates } from "./chat-protocol.ts";

let gates: Gates;
let open: (name?: string) => Promise<WebsocketCommunicator>;
const communicators: WebsocketCommunicator[] = [];

beforeEach(() => {
  registerLayer("default", new InMemoryLayer());
  gates = new Gates();
  const application = stack(authMiddleware(({ cookies }) => ({ name: cookies.get("name") ?? "" })))(
    urlRouter([route("/ws", chatConsumer(gates))]),
  );
  open = async (name = "alice") => {
    const communicator = new WebsocketCommunicator(application, "/ws", { headers: { cookie: `name=${name}` } });
    communicators.push(communicator);
    await communicator.connect();
    expect(await communicator.receiveJson()).toEqual({ on: "greeting", text: `hello, ${name}` });
    return communicator;
  };
});
afterEach(async () => {
  for (const communicator of communicators.splice(0)) await communicator.disconnect();
  await closeLayers();
  unregisterLayer("default");
});

/** Sends a frame and returns the next one. */
async function ask(client: WebsocketCommunicator, frame: unknown): Promise<unknown> {
  client.sendJson(frame);
  return client.receiveJson();
}

describe("a command", () => {
  test("gets its reply under its id, and its events reach the group", async () => {
    const alice = await open();
    const bob = await open("bob");
    expect(await ask(alice, { id: 1, do: "room.join", room: "a" })).toEqual({ re: 1, ok: {} });
    expect(await ask(bob, { id: 0, do: "room.join", room: "a" })).toEqual({ re: 0, ok: {} });
    bob.sendJson({ id: 9, do: "message.send", room: "a", text: "hi" });
    expect(await alice.receiveJson()).toEqual({ on: "message.posted", room: "a", from: "bob", text: "hi" });
    const frames = [await bob.receiveJson(), await bob.receiveJson()];
    expect(frames).toContainEqual({ re: 9, ok: { id: 1 } });
    expect(frames).toContainEqual({ on: "message.posted", room: "a", from: "bob", text: "hi" });
  });

  test.each([
    ["an error of the protocol", "code", { code: "ROOM_FULL", message: "Full since noon." }],
    ["an unexpected error, of which the client learns nothing", "throw", { code: "INTERNAL" }],
    ["a rejection", "reject", { code: "INTERNAL" }],
    ["a reply that is not the declared one", "reply", { code: "INTERNAL" }],
  ])("fails with %s, and the connection lives on", async (_, how, error) => {
    const alice = await open();
    const reply = await ask(alice, { id: 5, do: "fail", how });
    expect(reply).toMatchObject({ re: 5, error });
    expect(JSON.stringify(reply)).not.toContain("secret");
    expect(await ask(alice, { id: 6, do: "room.join", room: "a" })).toEqual({ re: 6, ok: {} });
    // What was not meant for the client is in the log.
    expect(alice.errors).toHaveLength(how === "code" ? 0 : 1);
  });

  test.each([
    ["a reply that JSON does not know", "unsendable", 1],
    ["an error whose details JSON does not know", "unsendable details", 1],
    ["an onCommandError that throws", "hook throws", 2],
    ["an async onCommandError", "hook is async", 2],
    ["an onCommandError that returns no error", "hook returns text", 0],
  ])("fails with INTERNAL because of %s, and its id is free again", async (_, how, errors) => {
    const alice = await open();
    for (const _time of ["once", "twice"]) {
      expect(await ask(alice, { id: 5, do: "break", how })).toMatchObject({ re: 5, error: { code: "INTERNAL" } });
    }
    expect(await ask(alice, { id: 6, do: "room.join", room: "a" })).toEqual({ re: 6, ok: {} });
    await expect.poll(() => alice.errors).toHaveLength(2 * errors);
  });

  test("whose onCommandError throws after its reply does not end the connection", async () => {
    const alice = await open();
    alice.sendJson({ id: 5, do: "wait", for: "a" });
    expect(await ask(alice, { cancel: 5 })).toMatchObject({ re: 5, error: { code: "COMMAND_CANCELED" } });
    gates.gate("a").reject(new Error("hook throws"));
    await expect.poll(() => alice.errors).toHaveLength(2);
    expect(await ask(alice, { id: 6, do: "room.join", room: "a" })).toEqual({ re: 6, ok: {} });
  });

  test("fails with what the handler says about it", async () => {
    const alice = await open();
    expect(await ask(alice, { id: 5, do: "message.send", room: "b", text: "hi" })).toEqual({
      re: 5,
      error: { code: "ROOM_ACCESS_DENIED", message: "You are not a member of this room.", details: { room: "b" } },
    });
  });

  test("fails with UNAVAILABLE while the layer cannot be reached, and the connection lives on", async () => {
    const alice = await open();
    expect(await ask(alice, { id: 1, do: "fail", how: "outage" })).toMatchObject({
      re: 1,
      error: { code: "UNAVAILABLE" },
    });
    expect(await ask(alice, { id: 2, do: "room.join", room: "a" })).toEqual({ re: 2, ok: {} });
  });
});

describe("what is not a command", () => {
  const FRAME_INVALID = { error: { code: "FRAME_INVALID" } };

  test.each([
    ["not JSON", "{", null],
    ["a list", "[1]", null],
    ["a text", '"hello"', null],
    ["null", "null", null],
    ["nothing in it", "{}", null],
    ["no id", '{"do":"fail"}', null],
    ["a negative id", '{"id":-1,"do":"fail"}', null],
    ["a fraction as id", '{"id":1.5,"do":"fail"}', null],
    ["an id beyond 2^53", '{"id":9007199254740993,"do":"fail"}', null],
    ["a text as id", '{"id":"1","do":"fail"}', null],
    ["no command", '{"id":1}', 1],
    ["a number as command", '{"id":1,"do":2}', 1],
    ["a text to cancel", '{"cancel":"1"}', null],
  ])("%s gets FRAME_INVALID", async (_, text, re) => {
    const alice = await open();
    alice.send(text);
    expect(await alice.receiveJson()).toMatchObject({ re, ...FRAME_INVALID });
  });

  test.each(["nothing", "__proto__", "constructor", "toString", "message.posted", "MESSAGE.SEND", ""])(
    "the command %j is unknown",
    async (name) => {
      const alice = await open();
      expect(await ask(alice, { id: 1, do: name })).toMatchObject({ re: 1, error: { code: "COMMAND_UNKNOWN" } });
    },
  );

  test("invalid input is refused with where and what was expected, and the handler does not run", async () => {
    const alice = await open();
    expect(await ask(alice, { id: 1, do: "message.send", room: 7, text: "x".repeat(41) })).toMatchObject({
      re: 1,
      error: { code: "INPUT_INVALID", details: { issues: [{ path: "room" }, { path: "text" }] } },
    });
    expect(gates.runs).toBe(0);
  });

  test("an id that is under way is refused", async () => {
    const alice = await open();
    alice.sendJson({ id: 1, do: "wait", for: "a" });
    expect(await ask(alice, { id: 1, do: "wait", for: "b" })).toMatchObject({ re: 1, ...FRAME_INVALID });
    gates.gate("a").resolve();
    expect(await alice.receiveJson()).toEqual({ re: 1, ok: { waited: "a" } });
    gates.gate("b").resolve();
    expect(await ask(alice, { id: 1, do: "wait", for: "b" })).toEqual({ re: 1, ok: { waited: "b" } });
  });
});

describe("order", () => {
  test("commands are handled one after another", async () => {
    const alice = await open();
    alice.sendJson({ id: 1, do: "wait.inTurn", for: "a" });
    alice.sendJson({ id: 2, do: "wait.inTurn", for: "b" });
    gates.gate("b").resolve();
    gates.gate("a").resolve();
    expect([await alice.receiveJson(), await alice.receiveJson()]).toMatchObject([{ re: 1 }, { re: 2 }]);
  });

  test("concurrent commands do not wait for each other", async () => {
    const alice = await open();
    alice.sendJson({ id: 1, do: "wait", for: "a" });
    alice.sendJson({ id: 2, do: "wait", for: "b" });
    gates.gate("b").resolve();
    expect(await alice.receiveJson()).toEqual({ re: 2, ok: { waited: "b" } });
    gates.gate("a").resolve();
    expect(await alice.receiveJson()).toEqual({ re: 1, ok: { waited: "a" } });
  });

  test("at most maxConcurrentFrames are under way; the next one waits", async () => {
    const alice = await open();
    for (const id of [1, 2, 3, 4]) alice.sendJson({ id, do: "wait", for: "all" });
    alice.sendJson({ id: 5, do: "room.join", room: "a" });
    alice.sendJson({ id: 6, do: "wait.inTurn", for: "last" });
    gates.gate("last").resolve();
    gates.gate("all").resolve();
    const order: unknown[] = [];
    for (let i = 0; i < 6; i += 1) order.push(((await alice.receiveJson()) as { re: number }).re);
    expect(order.slice(0, 4).sort()).toEqual([1, 2, 3, 4]);
    expect(order.slice(4)).toEqual([5, 6]);
  });
});

describe("a command that is canceled", () => {
  test("is answered at once, its signal fires, and its own reply is dropped", async () => {
    const alice = await open();
    alice.sendJson({ id: 1, do: "wait", for: "a" });
    expect(await ask(alice, { cancel: 1 })).toMatchObject({ re: 1, error: { code: "COMMAND_CANCELED" } });
    expect(gates.aborted).toEqual(["a"]);
    gates.gate("a").resolve();
    expect(await ask(alice, { id: 2, do: "room.join", room: "a" })).toEqual({ re: 2, ok: {} });
  });

  test("and has its reply already is left alone", async () => {
    const alice = await open();
    await ask(alice, { id: 1, do: "room.join", room: "a" });
    alice.sendJson({ cancel: 1 });
    alice.sendJson({ cancel: 77 });
    expect(await ask(alice, { id: 2, do: "room.join", room: "b" })).toEqual({ re: 2, ok: {} });
  });

  test("by the end of the connection gets its signal, too", async () => {
    const alice = await open();
    alice.sendJson({ id: 1, do: "wait", for: "a" });
    await ask(alice, { id: 2, do: "room.join", room: "a" });
    const ended = alice.disconnect();
    await expect.poll(() => gates.aborted).toEqual(["a"]);
    gates.gate("a").resolve();
    await ended;
  });
});

describe("an idempotency key", () => {
  test("gets the first reply again, of the same user only", async () => {
    const alice = await open();
    const bob = await open("bob");
    const send = { do: "message.send", room: "a", text: "hi", key: "k1" };
    for (const client of [alice, bob]) await ask(client, { id: 1, do: "room.join", room: "a" });
    const replies: unknown[] = [];
    for (const [client, id] of [
      [alice, 2],
      [alice, 3],
      [bob, 4],
    ] as const) {
      client.sendJson({ id, ...send });
      let frame: { re?: number };
      do frame = (await client.receiveJson()) as { re?: number };
      while (frame.re === undefined);
      replies.push(frame);
    }
    expect(replies).toEqual([
      { re: 2, ok: { id: 1 } },
      { re: 3, ok: { id: 1 } },
      { re: 4, ok: { id: 2 } },
    ]);
    expect(gates.runs).toBe(2);
  });

  test("of a command that failed runs again", async () => {
    const alice = await open();
    const send = { do: "message.send", room: "a", text: "hi", key: "k1" };
    expect(await ask(alice, { id: 1, ...send })).toMatchObject({ error: { code: "ROOM_ACCESS_DENIED" } });
    await ask(alice, { id: 2, do: "room.join", room: "a" });
    alice.sendJson({ id: 3, ...send });
    const frames = [await alice.receiveJson(), await alice.receiveJson()];
    expect(frames).toContainEqual({ re: 3, ok: { id: 1 } });
  });

  test("has a bound", async () => {
    const alice = await open();
    const key = "k".repeat(600);
    expect(await ask(alice, { id: 1, do: "message.send", room: "a", text: "hi", key })).toMatchObject({
      error: { code: "INPUT_INVALID" },
    });
  });
});

describe("a client that offers the subprotocol", () => {
  async function connect(subprotocols: string[]): Promise<[WebsocketCommunicator, unknown]> {
    const application = stack(authMiddleware(() => ({ name: "alice" })))(
      urlRouter([route("/ws", chatConsumer(gates))]),
    );
    const communicator = new WebsocketCommunicator(application, "/ws", { subprotocols });
    communicators.push(communicator);
    const handshake = await communicator.connect();
    expect(await communicator.receiveJson()).toMatchObject({ on: "greeting" });
    return [communicator, handshake];
  }

  test("gets it accepted, also beside its token", async () => {
    const [, handshake] = await connect([`bearer.${"x".repeat(40)}`, SUBPROTOCOL]);
    expect(handshake).toMatchObject({ accepted: true, subprotocol: SUBPROTOCOL });
    const [, other] = await connect(["graphql-ws"]);
    expect(other).toMatchObject({ accepted: true, subprotocol: undefined });
  });

  test("is asked when to reconnect before the server drains; others are not", async () => {
    const [client] = await connect([SUBPROTOCOL]);
    client.drain(1_500);
    expect(await client.receiveJson()).toEqual({ on: "server.draining", reconnectAfter: 1_500 });
    const [other] = await connect([]);
    other.drain(1_500);
    expect(await ask(other, { id: 1, do: "room.join", room: "a" })).toEqual({ re: 1, ok: {} });
  });
});
