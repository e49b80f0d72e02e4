import { eventually } from "@multichat/channels/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ChatClient } from "../support/chat-client.ts";
import { ServerPair } from "../support/server-pair.ts";

/** What one person may do changes within this time, wherever they are connected. */

let pair: ServerPair;
beforeAll(async () => {
  pair = await ServerPair.start();
});
afterAll(() => pair?.stop());

const sockets: ChatClient[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function chat(at: "a" | "b", username: string): Promise<ChatClient> {
  const socket = await pair.chat(pair[at], username);
  sockets.push(socket);
  return socket;
}

async function idOf(username: string): Promise<string> {
  return ((await pair.do(pair.a, username, "GET", "/me")) as { me: { id: string } }).me.id;
}

/** A private room of the admin's at the first server. */
async function privateRoom(title: string): Promise<{ room: string; admin: ChatClient }> {
  const admin = await chat("a", "admin");
  const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title, private: true });
  await admin.do("room.join", { room: room.id });
  return { room: room.id, admin };
}

test("who is brought into a private room at one enters it at the other as soon as they hear of it", async () => {
  const { room, admin } = await privateRoom("Invited");
  const bob = await chat("b", "bob");
  const bystander = await chat("b", "alice");
  for (let i = 0; i < 10; i += 1) {
    bob.received.splice(0);
    await admin.do("member.add", { room, user: "bob" });
    await bob.event("room.listed", ({ entry, membership }) => entry.id === room && membership?.role === "member");
    // At once, which is sooner than the database would tell the second server.
    await bob.do("room.join", { room });
    await admin.do("message.send", { room, clientId: `hello-${i}`, body: `hello ${i}` });
    await bob.event("message.posted", ({ message }) => message.body === `hello ${i}`);
    await admin.do("member.remove", { room, user: "bob" });
    await bob.event("room.unlisted", (event) => event.room === room);
    expect((await bob.refusal("room.join", { room })).code).toBe("ROOM_INVALID");
    await admin.do("message.send", { room, clientId: `alone-${i}`, body: "alone" });
    await bob.fence();
    expect(bob.events.filter(({ on }) => on === "message.posted")).toHaveLength(1);
  }
  await bystander.fence();
  expect(JSON.stringify(bystander.received), "a stranger hears nothing of it").not.toContain(room);
});

test("a room that is made private at one is lost at the other by all but its members", async () => {
  const admin = await chat("a", "admin");
  const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title: "Closing" });
  const [bob, alice] = [await chat("b", "bob"), await chat("b", "alice")];
  await bob.do("member.add", { room: room.id });
  for (const socket of [bob, alice]) await socket.do("room.join", { room: room.id });
  await pair.do(pair.a, "admin", "PATCH", `/rooms/${room.id}`, { kind: "private" });
  await alice.event("room.unlisted", (event) => event.room === room.id);
  await admin.do("room.join", { room: room.id });
  await admin.do("message.send", { room: room.id, clientId: "inside", body: "inside" });
  await bob.event("message.posted", ({ message }) => message.body === "inside");
  await alice.fence();
  expect(JSON.stringify(alice.events)).not.toContain("inside");
});

test("muting and roles at one hold at the other at once", async () => {
  const { room, admin } = await privateRoom("Muting");
  const bob = await chat("b", "bob");
  await admin.do("member.add", { room, user: "bob" });
  await bob.event("room.listed", ({ entry }) => entry.id === room);
  await bob.do("room.join", { room });
  await admin.do("member.change", { room, user: "bob", muteSeconds: 600 });
  const muted = await bob.event("room.listed", ({ membership }) => typeof membership?.mutedUntil === "number");
  expect(muted.membership?.mutedUntil).toBeGreaterThan(Date.now());
  expect((await bob.refusal("message.send", { room, clientId: "m", body: "hm" })).code).toBe("MEMBER_MUTED");
  await admin.do("member.change", { room, user: "bob", muteSeconds: 0, role: "moderator" });
  await bob.event("room.listed", ({ membership }) => membership?.role === "moderator");
  await bob.do("message.send", { room, clientId: "m", body: "hm" });
});

test("what becomes of messages at one is heard at the other, once and in the log's order", async () => {
  const [alice, bob] = [await chat("a", "alice"), await chat("b", "bob")];
  for (const socket of [alice, bob]) await socket.do("room.join", { room: 1 });
  const { message, seq } = await alice.do("message.send", { room: 1, clientId: crypto.randomUUID(), body: "first" });
  const on = { room: 1, message: message.id };
  await bob.event("message.posted", (event) => event.seq === seq);
  await bob.do("reaction.add", { ...on, emoji: "👍" });
  await alice.do("message.edit", { ...on, body: "second" });
  await bob.do("reaction.remove", { ...on, emoji: "👍" });
  await alice.do("message.delete", on);
  await bob.event("message.deleted", (event) => event.message === message.id);
  await alice.event("message.deleted", (event) => event.message === message.id);
  const heard = ["message.posted", "reaction.added", "message.edited", "reaction.removed", "message.deleted"];
  for (const socket of [alice, bob]) {
    await socket.fence();
    const since = socket.events.filter((event) => "seq" in event && event.on !== "room.read" && event.seq >= seq);
    expect(since.map(({ on: name }) => name)).toEqual(heard);
    expect(since.map((event) => "seq" in event && event.seq)).toEqual(heard.map((_, i) => seq + i));
  }
});

test("typing and who is there are told at the other, with the words of a device there", async () => {
  const [alice, bob] = [await chat("a", "alice"), await chat("b", "bob")];
  const id = await idOf("alice");
  for (const socket of [bob, alice]) await socket.do("room.join", { room: 1 });
  /** What the other server answers, which may be a window behind what it was told. */
  const answered = (status: string, words: string) =>
    eventually(async () => {
      const [presence] = (await bob.do("presence.list", { users: [id] })).presences;
      return presence?.status === status && presence.text === words;
    });
  await answered("online", "");
  await alice.do("typing.start", { room: 1 });
  await bob.event("typing.started", ({ user }) => user.id === id);
  await alice.do("presence.set", { status: "busy", text: "in a meeting" });
  await bob.event("presence.changed", ({ user, status, text }) => {
    return user === id && status === "busy" && text === "in a meeting";
  });
  await answered("busy", "in a meeting");
  alice.ws.terminate();
  await bob.event("presence.changed", ({ user, status }) => user === id && status === "offline");
});
