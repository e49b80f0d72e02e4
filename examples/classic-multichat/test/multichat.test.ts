import { InMemoryLayer, LayerRegistry } from "@multichat/channels";
import { type LiveClient, type LiveServer, liveServer } from "@multichat/channels/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { application } from "../src/application.ts";

let live: LiveServer;

beforeEach(async () => {
  const layers = new LayerRegistry();
  layers.register("default", new InMemoryLayer());
  live = await liveServer(application, { layers });
});
afterEach(() => live.close());

function connect(name: string): Promise<LiveClient> {
  return live.connect("/chat/stream/", { headers: { cookie: `theme=dark; name=${name}` } });
}

async function join(name: string, room: number | string): Promise<LiveClient> {
  const client = await connect(name);
  client.sendJson({ command: "join", room });
  expect(await client.receiveJson()).toMatchObject({ join: String(room) });
  return client;
}

describe("classic MultiChat", () => {
  it("delivers messages and join and leave notices to the members of a room", async () => {
    const alice = await join("alice", 1);
    const bob = await join("bob", "1");
    expect(await alice.receiveJson()).toEqual({ msg_type: 4, room: 1, username: "bob" });
    bob.sendJson({ command: "send", room: "1", message: "hi alice" });
    const message = { msg_type: 0, room: 1, username: "bob", message: "hi alice" };
    expect(await alice.receiveJson()).toEqual(message);
    expect(await bob.receiveJson()).toEqual(message);
    await bob.close();
    expect(await alice.receiveJson()).toEqual({ msg_type: 5, room: 1, username: "bob" });
  });

  it("carries several rooms over one connection, and keeps them apart", async () => {
    const alice = await join("alice", 1);
    alice.sendJson({ command: "join", room: 2 });
    expect(await alice.receiveJson()).toEqual({ join: "2", title: "Random" });
    const bob = await join("bob", 2);
    expect(await alice.receiveJson()).toEqual({ msg_type: 4, room: 2, username: "bob" });
    alice.sendJson({ command: "send", room: 1, message: "to one" });
    alice.sendJson({ command: "send", room: 2, message: "to two" });
    expect(await alice.receiveJson()).toMatchObject({ room: 1, message: "to one" });
    expect(await alice.receiveJson()).toMatchObject({ room: 2, message: "to two" });
    expect(await bob.receiveJson()).toMatchObject({ room: 2, message: "to two" });
  });

  it("replies to a burst in the same order as the original", async () => {
    const alice = await connect("alice");
    const burst = [
      { command: "join", room: 1 },
      { command: "send", room: 1, message: "one" },
      { command: "send", room: 1, message: "two" },
      { command: "leave", room: 1 },
      { command: "send", room: 1, message: "three" },
    ];
    alice.sendTogether(burst.map((command) => JSON.stringify(command)));
    const received: unknown[] = [];
    for (let i = 0; i < 6; i += 1) received.push(await alice.receiveJson());
    expect(received).toEqual([
      { join: "1", title: "General" },
      { msg_type: 0, room: 1, username: "alice", message: "one" },
      { leave: "1" },
      { msg_type: 0, room: 1, username: "alice", message: "two" },
      { error: "ROOM_ACCESS_DENIED" },
      { msg_type: 5, room: 1, username: "alice" },
    ]);
  });

  it("admits only staff to the staff room", async () => {
    await join("admin", 3);
    const alice = await connect("alice");
    alice.sendJson({ command: "join", room: 3 });
    expect(await alice.receiveJson()).toEqual({ error: "ROOM_ACCESS_DENIED" });
    alice.sendJson({ command: "send", room: 3, message: "no access" });
    expect(await alice.receiveJson()).toEqual({ error: "ROOM_ACCESS_DENIED" });
  });

  it.each([
    ["{bad", "COMMAND_INVALID"],
    ["[1]", "COMMAND_INVALID"],
    ['{"command":"join"}', "COMMAND_INVALID"],
    ['{"room":1}', "COMMAND_INVALID"],
    ['{"command":"dance","room":1}', "COMMAND_UNKNOWN"],
    ['{"command":"join","room":99}', "ROOM_INVALID"],
    ['{"command":"join","room":"01"}', "ROOM_INVALID"],
    ['{"command":"join","room":true}', "ROOM_INVALID"],
    ['{"command":"send","room":1,"message":" "}', "MESSAGE_INVALID"],
  ])("replies to %s with %s, and stays connected", async (text, error) => {
    const alice = await join("alice", 1);
    alice.send(text);
    expect(await alice.receiveJson()).toEqual({ error });
    alice.sendJson({ command: "send", room: 1, message: "still here" });
    expect(await alice.receiveJson()).toMatchObject({ message: "still here" });
  });

  it("rejects a connection without a name, and pages of other sites", async () => {
    await expect(live.connect("/chat/stream/")).rejects.toMatchObject({ status: 403 });
    const headers = { cookie: "name=alice", origin: "https://evil.example" };
    await expect(live.connect("/chat/stream/", { headers })).rejects.toMatchObject({ status: 403 });
  });

  it.each([999, "999", 0, "abc", null, {}])("refuses a message to room %j for not having joined it", async (room) => {
    const alice = await connect("alice");
    alice.sendJson({ command: "send", room, message: "hi" });
    expect(await alice.receiveJson()).toEqual({ error: "ROOM_ACCESS_DENIED" });
  });
});
