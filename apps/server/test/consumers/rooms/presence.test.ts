import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { TypingIndicator } from "../../../src/consumers/chat/typing-indicator.ts";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start();
});
afterAll(() => chat.close());

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

async function open(username: string, ...rooms: number[]): Promise<ChatClient> {
  const client = await ChatClient.open(chat, username);
  opened.push(client);
  for (const room of rooms) await client.join(room);
  return client;
}

const idOf = async (client: ChatClient) => (await client.do("room.list", {})).me.id;
const statusesOf = (client: ChatClient, user: string) =>
  client.events.flatMap((event) => (event.on === "presence.changed" && event.user === user ? [event.status] : []));

describe("presence", () => {
  test("announces a user who joins once, even to users who share several rooms with them", async () => {
    const alice = await open("alice", 1, 2);
    const bob = await open("bob", 1, 2);
    const id = await idOf(bob);
    expect(await alice.event("presence.changed", ({ user }) => user === id)).toEqual({
      on: "presence.changed",
      user: id,
      status: "online",
      text: "",
    });
    await bob.do("presence.set", { status: "away", text: "at lunch" });
    await alice.event("presence.changed", ({ user, text }) => user === id && text === "at lunch");
    await alice.fence();
    expect(statusesOf(alice, id)).toEqual(["online", "away"]);
    expect((await alice.do("presence.list", { users: [id] })).presences).toEqual([
      { user: id, status: "away", text: "at lunch" },
    ]);
  });

  test("shows the most active of several devices, and delays going offline after the last one disconnects", async () => {
    const alice = await open("alice", 1);
    const [desk, phone] = [await open("bob", 1), await open("bob", 1)];
    const id = await idOf(desk);
    const status = async () => (await alice.do("presence.list", { users: [id] })).presences[0]?.status ?? "offline";
    await desk.do("presence.set", { status: "busy" });
    expect(await status()).toBe("online");
    await phone.do("presence.set", { status: "away" });
    expect(await status()).toBe("busy");
    desk.close();
    await alice.event("presence.changed", (event) => event.user === id && event.status === "away");
    phone.close();
    await phone.closed();
    expect(await status(), "a page reload does not count as going offline").not.toBe("offline");
    await alice.event("presence.changed", (event) => event.user === id && event.status === "offline");
    expect(await status()).toBe("offline");
  });

  test("shows an invisible user as offline, while that user sees everyone", async () => {
    const [alice, bob] = [await open("alice", 1), await open("bob", 1)];
    const [idOfAlice, idOfBob] = [await idOf(alice), await idOf(bob)];
    await bob.do("presence.set", { status: "offline", text: "hidden text" });
    await alice.event("presence.changed", (event) => event.user === idOfBob && event.status === "offline");
    expect(JSON.stringify(alice.received)).not.toContain("hidden text");
    expect((await alice.do("presence.list", { users: [idOfBob] })).presences).toEqual([]);
    expect((await bob.do("presence.list", { users: [idOfAlice] })).presences).toHaveLength(1);
    await bob.join(2);
    await bob.do("presence.set", { status: "online" });
    await alice.event("presence.changed", (event) => event.user === idOfBob && event.status === "online");
  });

  test("rejects a status text that is too long or has control characters", async () => {
    const alice = await open("alice");
    for (const text of ["a".repeat(81), "bell \u0007"]) {
      expect((await alice.refusal("presence.set", { status: "busy", text })).code).toBe("COMMAND_INVALID");
    }
  });
});

describe("typing", () => {
  test("reaches the other connections in the room, not the typing one, and ends with typing.stop", async () => {
    const [alice, phone, bob] = [await open("alice", 1), await open("alice", 1), await open("bob", 1)];
    const outside = await open("sara", 2);
    await alice.do("typing.start", { room: 1 });
    for (const other of [bob, phone]) {
      expect(await other.event("typing.started")).toMatchObject({ user: { username: "alice" } });
    }
    await alice.do("typing.stop", { room: 1 });
    await bob.event("typing.stopped");
    for (const client of [alice, outside]) {
      await client.fence();
      expect(client.events.filter(({ on }) => on.startsWith("typing."))).toEqual([]);
    }
  });

  test("is published rarely while it is repeated, and a message ends it without an event", async () => {
    const [alice, bob] = [await open("alice", 1), await open("bob", 1)];
    await Promise.all(Array.from({ length: 10 }, () => alice.do("typing.start", { room: 1 })));
    await alice.say(1, "there");
    await alice.do("typing.stop", { room: 1 });
    await bob.event("message.posted", ({ message }) => message.body === "there");
    await bob.fence();
    expect(bob.events.filter(({ on }) => on.startsWith("typing.")).map(({ on }) => on)).toEqual(["typing.started"]);
  });

  test("ends when the typing connection disconnects", async () => {
    const [alice, bob] = [await open("alice", 1), await open("bob", 1)];
    await alice.do("typing.start", { room: 1 });
    await bob.event("typing.started");
    alice.close();
    await bob.event("typing.stopped");
  });

  test("expires after six seconds, and is republished at intervals", () => {
    vi.useFakeTimers();
    try {
      const published: [string, boolean][] = [];
      const typing = new TypingIndicator((room, { started }) => published.push([room, started]));
      typing.start("a");
      vi.advanceTimersByTime(2_000);
      typing.start("a");
      expect(published).toEqual([["a", true]]);
      vi.advanceTimersByTime(1_000);
      typing.start("a");
      expect(published).toHaveLength(2);
      vi.advanceTimersByTime(5_999);
      expect(published).toHaveLength(2);
      vi.advanceTimersByTime(1);
      expect(published.at(-1)).toEqual(["a", false]);
      typing.stop("a");
      expect(published).toHaveLength(3);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});
