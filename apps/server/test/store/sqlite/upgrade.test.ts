import { Kysely } from "kysely";
import { expect, test } from "vitest";
import type { Tables } from "../../../src/store/database/tables.ts";
import { createDialect } from "../../../src/store/sqlite/connection.ts";
import { up as initial } from "../../../src/store/sqlite/migrations/0001-initial.ts";
import { up as eventClaims } from "../../../src/store/sqlite/migrations/0002-event-claims.ts";
import { up as changesAndMembers } from "../../../src/store/sqlite/migrations/0003-changes-and-members.ts";
import { up as search } from "../../../src/store/sqlite/migrations/0004-search.ts";
import { up as idempotencyKeys } from "../../../src/store/sqlite/migrations/0005-idempotency-keys.ts";
import { SCHEMA_VERSION } from "../../../src/store/sqlite/migrations/migrate-schema.ts";
import { SqliteDatabase } from "../../../src/store/sqlite/sqlite-database.ts";
import { migrate } from "../../../src/store/sqlite/sqlite-store.ts";
import { ALICE, BOB, posted, refTo, tempFile, tempStore, until } from "../support/temp-store.ts";

const MESSAGES = 1_000;

/** Creates a database as the first version left it: one room, two people, and messages of which every tenth mentions bob. */
async function createFirstVersion(file: string): Promise<void> {
  const raw = new SqliteDatabase(file);
  const db = new Kysely<Tables>({ dialect: createDialect(raw) });
  await initial(db);
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

/** The table of the event claims in schema 5. */
const SCHEMA_5_CLAIMS = "told";

/** Creates a database with schema 5, whose tables and columns had other names. */
async function createSchema5(file: string): Promise<void> {
  const raw = new SqliteDatabase(file);
  const db = new Kysely<Tables>({ dialect: createDialect(raw) });
  raw.exec("create table meta (key text primary key, value text not null)");
  for (const up of [initial, eventClaims, changesAndMembers, search, idempotencyKeys]) await up(db);
  raw.exec(`
    insert into meta values ('schema', '5'), ('epoch', 'the fifth');
    insert into room (id, number, title, created_at, last_seq, rights) values ('room', 1, 'General', 1, 2, 7);
    insert into event (room, seq, kind, at) values ('room', 1, 'room.created', 1);
    insert into event (room, seq, kind, subject, subject_name, data, at)
    values ('room', 2, 'member.joined', 'bob-id', 'bob', '{"role":"member"}', 2);
    insert into member (room, user, user_name, role, since, seq) values ('room', 'bob-id', 'bob', 'member', 2, 2);
    insert into ${SCHEMA_5_CLAIMS} values ('room', 1, ${Date.now()});
    insert into intent values ('alice-id', 'add-bob', 2, ${Date.now()});`);
  raw.close();
}

const searchFor = (word: string) => ({
  terms: [{ text: word, kind: "word" as const }],
  rooms: ["room"],
  limit: 50,
  viewer: ALICE.id,
});

test("keeps what the first version wrote, and can change and find it", async () => {
  const file = await tempFile();
  await createFirstVersion(file);
  const remaining: number[] = [];
  const steps: number[] = [];
  const onMigrating = ({ schema, last }: { schema: number; last: number }) => {
    expect(last).toBe(SCHEMA_VERSION);
    steps.push(schema);
  };
  const migrated = await migrate({ file, onMigrating }, (count) => remaining.push(count));
  expect(migrated).toEqual({ from: 1, to: SCHEMA_VERSION });
  expect(steps, "every step is announced").toEqual(Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 2));
  expect(remaining.length).toBeGreaterThan(0);
  expect(remaining).toEqual([...remaining].sort((a, b) => b - a));

  const store = await tempStore({ file });
  expect(store.epoch).toBe("the first");
  expect(await store.search.countUnindexed()).toBe(0);
  const events = await store.eventLog.readSince({ room: "room", since: 0, limit: MESSAGES + 1 });
  expect(events?.length).toBe(MESSAGES + 1);
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
  expect((await store.search.find(searchFor("n2n")))?.found.map(({ id }) => id)).toEqual(["m2"]);
  expect((await store.search.find(searchFor("old")))?.found[0]?.id).toBe(`m${MESSAGES + 1}`);
  expect(await store.rooms.find("room")).toMatchObject({ kind: "open", members: null, banned: new Set() });
  await store.messages.delete({ ref: await refTo(store, { room: "room", id: "m10" }), by: null });
  expect((await store.search.find(searchFor("n10n")))?.found).toEqual([]);
});

test("serves an old database at once, and indexes it in the background, including changes made meanwhile", async () => {
  const file = await tempFile();
  await createFirstVersion(file);
  const store = await tempStore({ file });
  // Sent before the index has reached these messages.
  const ref = await refTo(store, { room: "room", id: "m2" });
  await Promise.all([
    store.messages.edit({ ref, body: "edited meanwhile", canMentionAll: false, by: ALICE }),
    store.messages.delete({ ref: { ...ref, message: "m3" }, by: ALICE }),
    posted(store, "room", "posted meanwhile"),
  ]);
  await until(async () => (await store.search.countUnindexed()) === 0);
  const bodies = async (word: string) => (await store.search.find(searchFor(word)))?.found.map(({ body }) => body);
  expect(await bodies("meanwhile")).toEqual(["posted meanwhile", "edited meanwhile"]);
  expect(await bodies("n2n")).toEqual([]);
  expect(await bodies("n3n")).toEqual([]);
  expect(await bodies("n4n")).toEqual(["old number n4n"]);
});

test("keeps the claims, idempotency keys and access versions of schema 5", async () => {
  const file = await tempFile();
  await createSchema5(file);
  expect(await migrate({ file })).toEqual({ from: 5, to: SCHEMA_VERSION });

  const store = await tempStore({ file });
  expect(store.epoch).toBe("the fifth");
  expect(await store.rooms.find("room")).toMatchObject({ accessVersion: 7, lastSeq: 2 });
  expect(await store.changes.claim({ room: "room", seq: 1 })).toBe(false);
  expect(await store.changes.claim({ room: "room", seq: 2 })).toBe(true);
  const idempotencyKey = { user: ALICE.id, clientId: "add-bob" };
  expect(await store.eventLog.findSeqByKey(idempotencyKey)).toBe(2);
  const removed = await store.members.remove({ room: "room", user: BOB, by: ALICE, idempotencyKey });
  expect(removed).toMatchObject({ outcome: "changed", seq: 2 });
  expect(removed).not.toHaveProperty("event");
  expect(await store.members.find({ room: "room", user: BOB.id })).toMatchObject({ role: "member" });
  await store.members.remove({ room: "room", user: BOB, by: ALICE });
  expect(await store.rooms.find("room")).toMatchObject({ accessVersion: 8, lastSeq: 3 });
});

test("announces no step for a new database, nor for one of this version", async () => {
  const file = await tempFile();
  const steps: number[] = [];
  const onMigrating = ({ schema }: { schema: number }) => steps.push(schema);
  for (let time = 0; time < 2; time += 1) await migrate({ file, onMigrating });
  expect(steps).toEqual([]);
});
