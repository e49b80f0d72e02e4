import { eventually } from "@multichat/channels/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { ChatClient } from "../support/chat-client.ts";
import { ServerPair } from "../support/server-pair.ts";

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

async function readUserId(username: string): Promise<string> {
  return ((await pair.request(pair.a, username, "GET", "/me")) as { me: { id: string } }).me.id;
}

/** Creates a private room of the admin at the first server. */
async function createPrivateRoom(title: string): Promise<{ room: string; admin: ChatClient }> {
  const admin = await chat("a", "admin");
  const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title, private: true });
  await admin.do("room.join", { room: room.id });
  return { room: room.id, admin };
}

test("a user added to a private room on one server can join it on the other at once", async () => {
  const { room, admin } = await createPrivateRoom("Invited");
  const bob = await chat("b", "bob");
  const bystander = await chat("b", "alice");
  for (let i = 0; i < 10; i += 1) {
    bob.received.splice(0);
    await admin.do("member.add", { room, user: "bob" });
    await bob.event("room.listed", ({ entry, membership }) => entry.id === room && membership?.role === "member");
    // At once: sooner than the second server would read the change from the database.
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
  expect(JSON.stringify(bystander.received), "other users receive nothing of it").not.toContain(room);
});

test("users who are not members lose a room on one server when it becomes private on the other", async () => {
  const admin = await chat("a", "admin");
  const { room } = await admin.do("room.create", { clientId: crypto.randomUUID(), title: "Closing" });
  const [bob, alice] = [await chat("b", "bob"), await chat("b", "alice")];
  // The other server learns of the room a moment later.
  await eventually(() => bob.do("member.add", { room: room.id }));
  for (const socket of [bob, alice]) await socket.do("room.join", { room: room.id });
  await pair.request(pair.a, "admin", "PATCH", `/rooms/${room.id}`, { kind: "private" });
  await alice.event("room.unlisted", (event) => event.room === room.id);
  await admin.do("room.join", { room: room.id });
  await admin.do("message.send", { room: room.id, clientId: "inside", body: "inside" });
  await bob.event("message.posted", ({ message }) => message.body === "inside");
  await alice.fence();
  expect(JSON.stringify(alice.events)).not.toContain("inside");
});

test("mutes and roles set on one server apply on the other at once", async () => {
  const { room, admin } = await createPrivateRoom("Muting");
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

test("changes of a message on one server arrive on the other once, in the order of the log", async () => {
  const [alice, bob] = [await chat("a", "alice"), await chat("b", "bob")];
  for (const socket of [alice, bob]) await socket.do("room.join", { room: 1 });
  const { message, seq } = await alice.do("message.send", { room: 1, clientId: crypto.randomUUID(), body: "first" });
  const address = { room: 1, message: message.id };
  await bob.event("message.posted", (event) => event.seq === seq);
  await bob.do("reaction.add", { ...address, emoji: "👍" });
  await alice.do("message.edit", { ...address, body: "second" });
  await bob.do("reaction.remove", { ...address, emoji: "👍" });
  await alice.do("message.delete", address);
  await bob.event("message.deleted", (event) => event.message === message.id);
  await alice.event("message.deleted", (event) => event.message === message.id);
  const expected = ["message.posted", "reaction.added", "message.edited", "reaction.removed", "message.deleted"];
  for (const socket of [alice, bob]) {
    await socket.fence();
    const received = socket.events.filter((event) => "seq" in event && event.on !== "room.read" && event.seq >= seq);
    expect(received.map(({ on: name }) => name)).toEqual(expected);
    expect(received.map((event) => "seq" in event && event.seq)).toEqual(expected.map((_, i) => seq + i));
  }
});

test("typing and presence on one server arrive on the other, with the text of a device", async () => {
  const [alice, bob] = [await chat("a", "alice"), await chat("b", "bob")];
  const id = await readUserId("alice");
  for (const socket of [bob, alice]) await socket.do("room.join", { room: 1 });
  /** Waits for the other server's answer, which may lag behind the events. */
  const untilListed = (status: string, expectedText: string) =>
    eventually(async () => {
      const [presence] = (await bob.do("presence.list", { users: [id] })).presences;
      return presence?.status === status && presence.text === expectedText;
    });
  await untilListed("online", "");
  await alice.do("typing.start", { room: 1 });
  await bob.event("typing.started", ({ user }) => user.id === id);
  await alice.do("presence.set", { status: "busy", text: "in a meeting" });
  await bob.event("presence.changed", ({ user, status, text }) => {
    return user === id && status === "busy" && text === "in a meeting";
  });
  await untilListed("busy", "in a meeting");
  alice.ws.terminate();
  await bob.event("presence.changed", ({ user, status }) => user === id && status === "offline");
});

test("what a user sets for a room on one server is on the user's devices on the other at once", async () => {
  const [alice, phone] = [await chat("a", "alice"), await chat("b", "alice")];
  for (const starred of [true, false, true]) {
    phone.received.splice(0);
    const { room } = await alice.do("preference.set", { room: 1, starred });
    const event = await phone.event("preference.changed");
    expect(event).toEqual({ on: "preference.changed", room, notify: "default", starred });
  }
});
