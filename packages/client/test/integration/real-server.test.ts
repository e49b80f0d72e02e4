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

const until = (look: () => void) => vi.waitFor(look, { timeout: 60_000, interval: 20 });

async function connected(username: string, options: ClientOptions = {}): Promise<Client> {
  const client = createClient({ url: server.url, token: await server.signIn(username), ...options });
  clients.push(client);
  client.connect();
  await until(() => expect(client.rooms.get().status).toBe("live"));
  return client;
}

async function open(client: Client, number: number): Promise<RoomStore> {
  const entry = client.rooms.find(number);
  if (entry === undefined) throw new Error(`There is no room ${number} for this person.`);
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

const shown = (room: RoomStore): Message[] =>
  room.get().items.flatMap((item) => (item.kind === "message" ? [item.message] : []));

/** Returns the last message with this body. */
function saying(room: RoomStore, body: string): Message {
  const message = shown(room).findLast((one) => one.body === body);
  if (message === undefined) throw new Error(`The room shows nothing that says ${body}.`);
  return message;
}

describe("with the real server", () => {
  test("connects two users in two rooms, each over one socket", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const [hers, his] = [await open(alice, 1), await open(bob, 1)];
    const [herNews, hisNews] = [await open(alice, 2), await open(bob, 2)];
    await hers.send("hello").delivered;
    await his.send("hi").delivered;
    herNews.send("news");
    await until(() => {
      for (const room of [hers, his]) expect(bodies(room).slice(-2)).toEqual(["hello", "hi"]);
      for (const room of [herNews, hisNews]) expect(bodies(room).at(-1)).toBe("news");
    });
    expect(his.get().unread).toBe(1);
    his.markRead(his.get().lastSeq);
    expect(his.get().unread).toBe(0);
  });

  test("removes a room that becomes staff-only from other users' lists, and brings it back", async () => {
    const token = await server.signIn("alice");
    const bob = await connected("bob");
    const { room: made } = (await server.call("POST", "/api/rooms", token, { title: "For a while" })) as {
      room: { number: number };
    };
    await until(() => expect(bob.rooms.find(made.number)).toMatchObject({ title: "For a while" }));
    const room = await open(bob, made.number);
    await server.call("PATCH", `/api/rooms/${made.number}`, token, { staffOnly: true });
    await until(() => expect(room.get()).toMatchObject({ status: "gone", items: [] }));
    expect(bob.rooms.find(made.number)).toBeUndefined();
    const { delivered } = room.send("still here?");
    await expect(delivered).rejects.toMatchObject({ code: "ROOM_INVALID" });
    await server.call("PATCH", `/api/rooms/${made.number}`, token, { staffOnly: false });
    await until(() => expect(room.get().status).toBe("live"));
    await server.call("DELETE", `/api/rooms/${made.number}`, token);
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
    const stranger = createClient({ url: server.url, token: "nobody" });
    clients.push(stranger);
    stranger.connect();
    await until(() => expect(stranger.state).toEqual({ phase: "refused", code: "signed-out" }));
  });

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "loses, duplicates and reorders nothing when the server ends twice by %s while messages are sent",
    async (signal) => {
      const [alice, bob] = [await connected("alice"), await connected("bob")];
      const rooms = [await open(alice, 1), await open(bob, 1)] as const;
      const before = (await history(1, await server.signIn("alice"))).length;
      const delivered: Promise<unknown>[] = [];
      const count = 120;
      let unsent = 0;
      for (let i = 0; i < count; i += 1) {
        const endsNow = i === 40 || i === 80;
        if (endsNow) await until(() => expect(bodies(rooms[0]).length).toBeGreaterThan(i / 2));
        for (const [who, room] of rooms.entries()) delivered.push(room.send(`${signal} ${who} ${i}`).delivered);
        // In the same turn of the event loop, so that these last two cannot have been acknowledged.
        if (endsNow) {
          unsent += alice.outbox.get().length + bob.outbox.get().length;
          await server.end(signal);
          void server.start();
        }
      }
      expect(unsent, "the server ended with messages on their way").toBeGreaterThan(0);
      await Promise.all(delivered);
      const log = (await history(1, await server.signIn("alice"))).slice(before);
      expect(log).toHaveLength(2 * count);
      for (const who of [0, 1]) {
        const wrote = Array.from({ length: count }, (_, i) => `${signal} ${who} ${i}`);
        expect(log.filter((body) => body.startsWith(`${signal} ${who} `))).toEqual(wrote);
      }
      for (const room of rooms) await until(() => expect(bodies(room).slice(-log.length)).toEqual(log));
      for (const client of [alice, bob]) expect(client.outbox.get()).toEqual([]);
    },
  );

  test("delivers edits, reactions, pins, replies and deletions, equal to a page that is loaded again", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const [hers, his] = [await open(alice, 2), await open(bob, 2)];
    hers.pins.subscribe(() => {});
    const first = await his.send("the first").delivered;
    const answer = await hers.send("an answer @bob", { replyTo: first }).delivered;
    await until(() => expect(his.get().mentions).toBe(1));
    expect(await his.edit(first.id, "the first, better")).toMatchObject({ body: "the first, better" });
    await his.react(answer.id, "👍", { added: true });
    await hers.react(answer.id, "👍", { added: true });
    await hers.pin(answer.id, { pinned: true });
    await expect(his.edit(answer.id, "not mine")).rejects.toMatchObject({ code: "ROOM_ACCESS_DENIED" });
    await until(() => {
      for (const room of [hers, his]) {
        expect(saying(room, "an answer @bob")).toMatchObject({
          replyTo: { excerpt: "the first, better" },
          reactions: [{ emoji: "👍", users: [bob.me.get()?.id, alice.me.get()?.id], count: 2, mine: true }],
          pinned: true,
        });
      }
    });
    expect(hers.pins.get().messages.map(({ id }) => id)).toEqual([answer.id]);
    const { found } = await alice.search("better");
    expect(found.map(({ message }) => message.id)).toContain(first.id);
    await his.remove(first.id);
    await until(() => {
      for (const room of [hers, his]) {
        expect(shown(room).find(({ id }) => id === first.id)).toMatchObject({
          body: "",
          deletedAt: expect.any(Number),
        });
        expect(saying(room, "an answer @bob").replyTo?.excerpt).toBe("");
      }
    });
    const anew = await open(await connected("bob"), 2);
    expect(shown(anew).slice(-2)).toEqual(shown(his).slice(-2));
  });

  test("shows a private room with its members to a user from their addition to their removal", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const { room: made } = await alice.request("room.create", { clientId: "secret-1", title: "Secret", private: true });
    const hers = await open(alice, made.number);
    hers.members.subscribe(() => {});
    expect(bob.rooms.find(made.number)).toBeUndefined();
    await alice.request("member.add", { room: made.id, user: "bob" });
    await until(() => expect(bob.rooms.find(made.number)).toMatchObject({ kind: "private", role: "member" }));
    const his = await open(bob, made.number);
    await until(() => expect(hers.members.get().members.map(({ user }) => user.username)).toEqual(["alice", "bob"]));
    await alice.request("member.change", { room: made.id, user: "bob", muteSeconds: 60 });
    await until(() => expect(his.get().mutedUntil).toBeGreaterThan(Date.now()));
    await expect(his.send("may I?").delivered).rejects.toMatchObject({ code: "MEMBER_MUTED" });
    await hers.send("between us").delivered;
    await until(() => expect(saying(his, "between us")).toBeDefined());
    await alice.request("member.remove", { room: made.id, user: "bob" });
    await until(() => expect(his.get()).toMatchObject({ status: "gone", room: undefined }));
    expect(shown(his)).toEqual([]);
    expect(bob.rooms.find(made.number)).toBeUndefined();
    await until(() => expect(hers.members.get()).toMatchObject({ status: "live", count: 1 }));
  });

  test("shows presence and typing to the members of a room", async () => {
    const [alice, bob] = [await connected("alice"), await connected("bob")];
    const [hers, his] = [await open(alice, 1), await open(bob, 1)];
    const presence = alice.presence.of(bob.me.get()?.id ?? "");
    presence.subscribe(() => {});
    await until(() => expect(presence.get()).toMatchObject({ status: "online" }));
    bob.presence.set("busy", "on the phone");
    await until(() => expect(presence.get()).toMatchObject({ status: "busy", text: "on the phone" }));
    his.typing();
    await until(() => expect(hers.get().typing.map(({ username }) => username)).toEqual(["bob"]));
    his.stopTyping();
    await until(() => expect(hers.get().typing).toEqual([]));
  });

  test("loads the whole history by a link into the middle, gaps and older pages", async () => {
    const token = await server.signIn("alice");
    const all = await history(1, token);
    expect(all.length, "the tests before this one have written enough").toBeGreaterThan(150);
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
    const before = await connected("alice", { storage, outbox });
    const room = await open(before, 2);
    await room.send("before the reload").delivered;
    before.disconnect();
    room.send("while away");
    await until(async () => expect(await outbox.all()).toHaveLength(1));
    const bob = await open(await connected("bob"), 2);
    await bob.send("meanwhile").delivered;
    const after = await connected("alice", { storage, outbox });
    const again = after.room(room.id);
    again.open();
    await until(() => expect(bodies(again).slice(-3)).toEqual(["before the reload", "meanwhile", "while away"]));
    await until(async () => expect(await outbox.all()).toEqual([]));
  });
});
