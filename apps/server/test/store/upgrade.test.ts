import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { expect, test } from "vitest";
import type { Tables } from "../../src/store/database/tables.ts";
import { up as theHouse } from "../../src/store/sqlite/migrations/0001-initial.ts";
import { SCHEMA_VERSION } from "../../src/store/sqlite/migrations/migrate-schema.ts";
import { migrate } from "../../src/store/sqlite/sqlite-store.ts";
import { ALICE, on, posted, tempFile, tempStore, until } from "./temp-store.ts";

const MESSAGES = 1_000;

/** A database as the first version left it: one room, two people, and messages of which every tenth mentions bob. */
async function firstVersion(file: string): Promise<void> {
  const raw = new Database(file);
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: raw }) });
  await theHouse(db);
  raw.exec(`
    create table meta (key text primary key, value text not null);
    insert into meta values ('schema', '1'), ('epoch', 'the first');
    insert into user (id, name, email, createdAt, updatedAt, username, displayUsername)
    values ('bob-id', 'bob', 'b@example.org', '', '', 'bob', 'bob');
    insert into room (id, number, title, created_at, last_seq) values ('room', 1, 'General', 1, ${MESSAGES + 1});
    insert into event (room, seq, kind, at) values ('room', 1, 'room.created', 1);
    with recursive count(i) as (values (2) union all select i + 1 from count where i <= ${MESSAGES})
    insert into message (id, room, seq, author, author_name, client_id, kind, body, created_at)
    select 'm' || i, 'room', i, 'alice-id', 'alice', 'c' || i, 'message', 'old number n' || i || 'n', i from count;
    insert into event (room, seq, kind, actor, actor_name, message, at)
    select room, seq, 'message.posted', author, author_name, id, created_at from message;
    insert into mention select 'bob-id', room, seq from message where seq % 10 = 0;`);
  raw.close();
}

const find = (word: string) => ({
  terms: [{ text: word, kind: "word" as const }],
  rooms: ["room"],
  limit: 50,
  viewer: ALICE.id,
});

test("what the first version wrote is there, can be changed, and is found", async () => {
  const file = await tempFile();
  await firstVersion(file);
  const left: number[] = [];
  expect(await migrate({ file }, (count) => left.push(count))).toEqual({ from: 1, to: SCHEMA_VERSION });
  expect(left.length).toBeGreaterThan(0);
  expect(left).toEqual([...left].sort((a, b) => b - a));

  const store = await tempStore({ file });
  expect(store.epoch).toBe("the first");
  expect(await store.search.countUnindexed()).toBe(0);
  expect((await store.eventLog.readSince({ room: "room", since: 0, limit: MESSAGES + 1 }))?.length).toBe(MESSAGES + 1);
  expect(await store.messages.find({ room: "room", message: "m10" })).toMatchObject({
    body: "old number n10n",
    mentions: ["bob-id"],
    editedAt: null,
    deletedAt: null,
    replyTo: null,
    reactions: [],
  });
  expect((await store.messages.find({ room: "room", message: "m11" }))?.mentions).toEqual([]);
  expect(await store.markers.get({ user: "bob-id", room: "room" })).toMatchObject({ unread: 100, mentions: 100 });
  expect((await store.search.find(find("n2n")))?.found.map(({ id }) => id)).toEqual(["m2"]);
  expect((await store.search.find(find("old")))?.found[0]?.id).toBe(`m${MESSAGES + 1}`);
  expect(await store.rooms.find("room")).toMatchObject({ kind: "open", members: null, banned: new Set() });
  await store.messages.delete({ ref: await on(store, { room: "room", id: "m10" }), by: null });
  expect((await store.search.find(find("n10n")))?.found).toEqual([]);
});

test("a server that opens an old database serves at once, and indexes it meanwhile, changes included", async () => {
  const file = await tempFile();
  await firstVersion(file);
  const store = await tempStore({ file });
  // Asked for before the index has come down to them.
  const where = await on(store, { room: "room", id: "m2" });
  await Promise.all([
    store.messages.edit({ ref: where, body: "edited meanwhile", canMentionAll: false, by: ALICE }),
    store.messages.delete({ ref: { ...where, message: "m3" }, by: ALICE }),
    posted(store, "room", "posted meanwhile"),
  ]);
  await until(async () => (await store.search.countUnindexed()) === 0);
  const bodies = async (word: string) => (await store.search.find(find(word)))?.found.map(({ body }) => body);
  expect(await bodies("meanwhile")).toEqual(["posted meanwhile", "edited meanwhile"]);
  expect(await bodies("n2n")).toEqual([]);
  expect(await bodies("n3n")).toEqual([]);
  expect(await bodies("n4n")).toEqual(["old number n4n"]);
});
