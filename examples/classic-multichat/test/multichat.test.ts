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

function person(name: string): Promise<LiveClient> {
  return live.connect("/chat/stream/", { headers: { cookie: `theme=dark; name=${name}` } });
}

async function joined(name: string, room: number | string): Promise<LiveClient> {
  const client = await person(name);
  client.sendJson({ command: "join", room });
  expect(await client.receiveJson()).toMatchObject({ join: String(room) });
  return client;
}

describe("the smallest MultiChat", () => {
  it("lets two people talk in a room, and tells each of the other's coming and going", async () => {
    const alice = await joined("alice", 1);
    const bob = await joined("bob", "1");
    expect(await alice.receiveJson()).toEqual({ msg_type: 4, room: 1, username: "bob" });
    bob.sendJson({ command: "send", room: "1", message: "hi alice" });
    const said = { msg_type: 0, room: 1, username: "bob", message: "hi alice" };
    expect(await alice.receiveJson()).toEqual(said);
    expect(await bob.receiveJson()).toEqual(said);
    await bob.close();
    expect(await alice.receiveJson()).toEqual({ msg_type: 5, room: 1, username: "bob" });
  });

  it("carries several rooms over one socket, and keeps them apart", async () => {
    const alice = await joined("alice", 1);
    alice.sendJson({ command: "join", room: 2 });
    expect(await alice.receiveJson()).toEqual({ join: "2", title: "Random" });
    const bob = await joined("bob", 2);
    expect(await alice.receiveJson()).toEqual({ msg_type: 4, room: 2, username: "bob" });
    alice.sendJson({ command: "send", room: 1, message: "to one" });
    alice.sendJson({ command: "send", room: 2, message: "to two" });
    expect(await alice.receiveJson()).toMatchObject({ room: 1, message: "to one" });
    expect(await alice.receiveJson()).toMatchObject({ room: 2, message: "to two" });
    expect(await bob.receiveJson()).toMatchObject({ room: 2, message: "to two" });
  });

  it("answers a burst in the order of the original", async () => {
    const alice = await person("alice");
    const burst = [
      { command: "join", room: 1 },
      { command: "send", room: 1, message: "one" },
      { command: "send", room: 1, message: "two" },
      { command: "leave", room: 1 },
      { command: "send", room: 1, message: "three" },
    ];
    alice.sendTogether(burst.map((command) => JSON.stringify(command)));
    const got: unknown[] = [];
    for (let i = 0; i < 6; i += 1) got.push(await alice.receiveJson());
    expect(got).toEqual([
      { join: "1", title: "General" },
      { msg_type: 0, room: 1, username: "alice", message: "one" },
      { leave: "1" },
      { msg_type: 0, room: 1, username: "alice", message: "two" },
      { error: "ROOM_ACCESS_DENIED" },
      { msg_type: 5, room: 1, username: "alice" },
    ]);
  });

  it("keeps the staff room to staff", async () => {
    await joined("admin", 3);
    const alice = await person("alice");
    alice.sendJson({ command: "join", room: 3 });
    expect(await alice.receiveJson()).toEqual({ error: "ROOM_ACCESS_DENIED" });
    alice.sendJson({ command: "send", room: 3, message: "side door" });
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
  ])("answers %s with %s, and stays", async (text, error) => {
    const alice = await joined("alice", 1);
    alice.send(text);
    expect(await alice.receiveJson()).toEqual({ error });
    alice.sendJson({ command: "send", room: 1, message: "still here" });
    expect(await alice.receiveJson()).toMatchObject({ message: "still here" });
  });

  it("lets in nobody without a name, and no page of another site", async () => {
    await expect(live.connect("/chat/stream/")).rejects.toMatchObject({ status: 403 });
    const headers = { cookie: "name=alice", origin: "https://evil.example" };
    await expect(live.connect("/chat/stream/", { headers })).rejects.toMatchObject({ status: 403 });
  });
});
