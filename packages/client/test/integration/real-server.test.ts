import type { HistoryPage } from "@multichat/protocol";
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
}, 60_000);

afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

afterAll(async () => {
  await server.dispose();
});

const until = (look: () => void) => vi.waitFor(look, { timeout: 20_000, interval: 20 });

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

/** What the server has, over its other door. */
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

describe("with the real server", () => {
  test("two people talk in two rooms, each over one socket", async () => {
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

  test("a room that becomes staff-only leaves the list of who is not staff, and comes back", async () => {
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

  test("whoever is signed out elsewhere is told so, and does not come back", async () => {
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
    "nothing is lost, doubled or out of order when the server ends by %s in the middle of it, twice",
    { timeout: 90_000 },
    async (signal) => {
      const [alice, bob] = [await connected("alice"), await connected("bob")];
      const rooms = [await open(alice, 1), await open(bob, 1)] as const;
      const before = (await history(1, await server.signIn("alice"))).length;
      const delivered: Promise<unknown>[] = [];
      const count = 120;
      let unsent = 0;
      for (let i = 0; i < count; i += 1) {
        for (const [who, room] of rooms.entries()) delivered.push(room.send(`${signal} ${who} ${i}`).delivered);
        if (i === 40 || i === 80) {
          await until(() => expect(bodies(rooms[0]).length).toBeGreaterThan(i / 2));
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

  test("a reload resumes from what was kept, and sends what was unsent", async () => {
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
