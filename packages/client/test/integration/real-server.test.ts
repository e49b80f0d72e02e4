import type { HistoryPage, Message } from "@multichat/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  type Client,
  type ClientOptions,
  createClient,
  memoryOutbox,
  memoryStorage,
  type RoomStore,
} from "../../src/index.ts";
import { RealServer } from "./real-server.ts";

let server: RealServer;
const clients: Client[] = [];

beforeAll(async () => {
  server = await RealServer.start(["alice", "bob"], ["General", "News"]);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

afterAll(async () => {
  await server.dispose();
});

const until = (assertion: () => void) => vi.waitFor(assertion, { timeout: 300_000, interval: 20 });

async function connected(username: string, options: ClientOptions = {}): Promise<Client> {
  const client = createClient({ url: server.url, token: await server.signIn(username), ...options });
  clients.push(client);
  client.connect();
  await until(() => expect(client.rooms.get().status).toBe("live"));
  return client;
}

async function open(client: Client, number: number): Promise<RoomStore> {
  const entry = client.rooms.find(number);
  if (entry === undefined) throw new Error(`Expected the user to see room ${number}.`);
  const room = client.room(entry.id);
  room.open();
  await until(() => expect(room.get().status).toBe("live"));
  return room;
}

const bodies = (room: RoomStore) =>
  room.get().items.flatMap((item) => (item.kind === "message" ? [item.message.body] : []));

/** Returns the messages of a room over the HTTP API. */
async function history(number: number, token: string): Promise<string[]> {
  const all: string[] = [];
  for (let after = 0; ; ) {
    const page = (await server.call(
      "GET",
      `/api/rooms/${number}/messages?after=${after}&limit=100`,
      token,
    )) as HistoryPage;
    all.push(...page.messages.map((message) => message.body));
    after = page.messages.at(-1)?.seq ?? after;
    if (!page.hasAfter) return all;
  }
}

const shownMessages = (room: RoomStore): Message[] =>
  room.get().items.flatMap((item) => (item.kind === "message" ? [item.message] : []));

/** Returns the last message with this body. */
function messageWithBody(room: RoomStore, body: string): Message {
  const message = shownMessages(room).findLast((candidate) => candidate.body === body);
  if (message === undefined) throw new Error(`Expected a message with the body ${body}.`);
  return message;
}

describe("with the real server", () => {
  test("connects two users in two rooms, each over one socket", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const [aliceRoom, bobRoom] = [await open(alice, 1), await open(bob, 1)];
    const [aliceNews, bobNews] = [await open(alice, 2), await open(bob, 2)];
    await aliceRoom.send("hello").delivered;
    await bobRoom.send("hi").delivered;
    aliceNews.send("news");
    await until(() => {
      for (const room of [aliceRoom, bobRoom]) expect(bodies(room).slice(-2)).toEqual(["hello", "hi"]);
      for (const room of [aliceNews, bobNews]) expect(bodies(room).at(-1)).toBe("news");
    });
    expect(bobRoom.get().unread).toBe(1);
    bobRoom.markRead(bobRoom.get().lastSeq);
    expect(bobRoom.get().unread).toBe(0);
  });

  test("removes a room that becomes staff-only from other users' lists, and brings it back", async () => {
    const token = await server.signIn("alice");
    const bob = await connected("bob");
    const { room: created } = (await server.call("POST", "/api/rooms", token, { title: "For a while" })) as {
      room: { number: number };
    };
    await until(() => expect(bob.rooms.find(created.number)).toMatchObject({ title: "For a while" }));
    const room = await open(bob, created.number);
    await server.call("PATCH", `/api/rooms/${created.number}`, token, { staffOnly: true });
    await until(() => expect(room.get()).toMatchObject({ status: "gone", items: [] }));
    expect(bob.rooms.find(created.number)).toBeUndefined();
    const { delivered } = room.send("still here?");
    await expect(delivered).rejects.toMatchObject({ code: "ROOM_INVALID" });
    await server.call("PATCH", `/api/rooms/${created.number}`, token, { staffOnly: false });
    await until(() => expect(room.get().status).toBe("live"));
    await server.call("DELETE", `/api/rooms/${created.number}`, token);
    await until(() => expect(room.get().status).toBe("gone"));
  });

  test("refuses a client whose session was ended elsewhere", async () => {
    const bob = await connected("bob");
    const token = await server.signIn("bob");
    const { sessions } = (await server.call("GET", "/api/sessions", token)) as {
      sessions: { id: string; current: boolean }[];
    };
    for (const { id, current } of sessions) if (!current) await server.call("DELETE", `/api/sessions/${id}`, token);
    await until(() => expect(bob.state).toEqual({ phase: "refused", code: "signed-out" }));
    const unknownClient = createClient({ url: server.url, token: "nobody" });
    clients.push(unknownClient);
    unknownClient.connect();
    await until(() => expect(unknownClient.state).toEqual({ phase: "refused", code: "signed-out" }));
  });

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "loses, duplicates and reorders nothing when the server ends twice by %s while messages are sent",
    async (signal) => {
      const [alice, bob] = [await connected("alice"), await connected("bob")];
      const rooms = [await open(alice, 1), await open(bob, 1)] as const;
      const initialCount = (await history(1, await server.signIn("alice"))).length;
      const delivered: Promise<unknown>[] = [];
      const count = 120;
      let unsent = 0;
      for (let i = 0; i < count; i += 1) {
        const endsNow = i === 40 || i === 80;
        if (endsNow) await until(() => expect(bodies(rooms[0]).length).toBeGreaterThan(i / 2));
        for (const [index, room] of rooms.entries()) delivered.push(room.send(`${signal} ${index} ${i}`).delivered);
        // In the same turn of the event loop, so that these last two cannot have been acknowledged.
        if (endsNow) {
          unsent += alice.outbox.get().length + bob.outbox.get().length;
          await server.end(signal);
          void server.start();
        }
      }
      expect(unsent, "messages were in flight when the server ended").toBeGreaterThan(0);
      await Promise.all(delivered);
      const log = (await history(1, await server.signIn("alice"))).slice(initialCount);
      expect(log).toHaveLength(2 * count);
      for (const index of [0, 1]) {
        const wrote = Array.from({ length: count }, (_, i) => `${signal} ${index} ${i}`);
        expect(log.filter((body) => body.startsWith(`${signal} ${index} `))).toEqual(wrote);
      }
      for (const room of rooms) await until(() => expect(bodies(room).slice(-log.length)).toEqual(log));
      for (const client of [alice, bob]) expect(client.outbox.get()).toEqual([]);
    },
  );

  test("delivers edits, reactions, pins, replies and deletions, equal to a page that is loaded again", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const [aliceRoom, bobRoom] = [await open(alice, 2), await open(bob, 2)];
    aliceRoom.pins.subscribe(() => {});
    const quoted = await bobRoom.send("the first").delivered;
    const answer = await aliceRoom.send("an answer @bob", { replyTo: quoted }).delivered;
    await until(() => expect(bobRoom.get().mentions).toBe(1));
    expect(await bobRoom.edit(quoted.id, "the first, better")).toMatchObject({ body: "the first, better" });
    await bobRoom.react(answer.id, "👍", { added: true });
    await aliceRoom.react(answer.id, "👍", { added: true });
    await aliceRoom.pin(answer.id, { pinned: true });
    await expect(bobRoom.edit(answer.id, "not mine")).rejects.toMatchObject({ code: "ROOM_ACCESS_DENIED" });
    await until(() => {
      for (const room of [aliceRoom, bobRoom]) {
        expect(messageWithBody(room, "an answer @bob")).toMatchObject({
          replyTo: { excerpt: "the first, better" },
          reactions: [{ emoji: "👍", users: [bob.me.get()?.id, alice.me.get()?.id], count: 2, mine: true }],
          pinned: true,
        });
      }
    });
    expect(aliceRoom.pins.get().messages.map(({ id }) => id)).toEqual([answer.id]);
    const { found } = await alice.search("better");
    expect(found.map(({ message }) => message.id)).toContain(quoted.id);
    await bobRoom.remove(quoted.id);
    await until(() => {
      for (const room of [aliceRoom, bobRoom]) {
        expect(shownMessages(room).find(({ id }) => id === quoted.id)).toMatchObject({
          body: "",
          deletedAt: expect.any(Number),
        });
        expect(messageWithBody(room, "an answer @bob").replyTo?.excerpt).toBe("");
      }
    });
    const reloaded = await open(await connected("bob"), 2);
    expect(shownMessages(reloaded).slice(-2)).toEqual(shownMessages(bobRoom).slice(-2));
  });

  test("shows a private room with its members to a user from their addition to their removal", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const { room: created } = await alice.request("room.create", {
      clientId: "secret-1",
      title: "Secret",
      private: true,
    });
    const aliceRoom = await open(alice, created.number);
    aliceRoom.members.subscribe(() => {});
    expect(bob.rooms.find(created.number)).toBeUndefined();
    await alice.request("member.add", { room: created.id, user: "bob" });
    await until(() => expect(bob.rooms.find(created.number)).toMatchObject({ kind: "private", role: "member" }));
    const bobRoom = await open(bob, created.number);
    await until(() =>
      expect(aliceRoom.members.get().members.map(({ user }) => user.username)).toEqual(["alice", "bob"]),
    );
    await alice.request("member.change", { room: created.id, user: "bob", muteSeconds: 60 });
    await until(() => expect(bobRoom.get().mutedUntil).toBeGreaterThan(Date.now()));
    await expect(bobRoom.send("may I?").delivered).rejects.toMatchObject({ code: "MEMBER_MUTED" });
    await aliceRoom.send("between us").delivered;
    await until(() => expect(messageWithBody(bobRoom, "between us")).toBeDefined());
    await alice.request("member.remove", { room: created.id, user: "bob" });
    await until(() => expect(bobRoom.get()).toMatchObject({ status: "gone", room: undefined }));
    expect(shownMessages(bobRoom)).toEqual([]);
    expect(bob.rooms.find(created.number)).toBeUndefined();
    await until(() => expect(aliceRoom.members.get()).toMatchObject({ status: "live", count: 1 }));
  });

  test("shows presence and typing to the members of a room", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const [aliceRoom, bobRoom] = [await open(alice, 1), await open(bob, 1)];
    const presence = alice.presence.of(bob.me.get()?.id ?? "");
    presence.subscribe(() => {});
    await until(() => expect(presence.get()).toMatchObject({ status: "online" }));
    bob.presence.set("busy", "on the phone");
    await until(() => expect(presence.get()).toMatchObject({ status: "busy", text: "on the phone" }));
    bobRoom.typing();
    await until(() => expect(aliceRoom.get().typing.map(({ username }) => username)).toEqual(["bob"]));
    bobRoom.stopTyping();
    await until(() => expect(aliceRoom.get().typing).toEqual([]));
  });

  test("loads the whole history by a link into the middle, gaps and older pages", async () => {
    const token = await server.signIn("alice");
    const all = await history(1, token);
    expect(all.length, "the tests before this one have posted enough messages").toBeGreaterThan(150);
    const alice = await connected("alice", { pageSize: 40 });
    const room = await open(alice, 1);
    await room.loadAround(Math.floor(room.get().lastSeq / 3));
    expect(room.get().items.filter(({ kind }) => kind === "gap")).toHaveLength(1);
    for (let from = 0; ; from += 1) {
      const gap = room.get().items.find((item) => item.kind === "gap");
      if (gap?.kind !== "gap") break;
      await room.loadGap(gap, from % 2 === 0 ? "above" : "below");
    }
    while (room.get().hasBefore) await room.loadBefore();
    expect(bodies(room)).toEqual(all);
  });

  test("resumes a reload from the persisted state, and sends the unsent messages", async () => {
    const [storage, outbox] = [memoryStorage(), memoryOutbox()];
    const oldClient = await connected("alice", { storage, outbox });
    const room = await open(oldClient, 2);
    await room.send("before the reload").delivered;
    oldClient.disconnect();
    room.send("while away");
    await until(async () => expect(await outbox.all()).toHaveLength(1));
    const bob = await open(await connected("bob"), 2);
    await bob.send("meanwhile").delivered;
    const newClient = await connected("alice", { storage, outbox });
    const reloaded = newClient.room(room.id);
    reloaded.open();
    await until(() => expect(bodies(reloaded).slice(-3)).toEqual(["before the reload", "meanwhile", "while away"]));
    await until(async () => expect(await outbox.all()).toEqual([]));
  });
});
