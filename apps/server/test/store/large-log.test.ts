import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tables } from "../../src/store/database/tables.ts";
import { READS, WRITES } from "../../src/store/sqlite/operations.ts";
import { migrate, openSqliteStore, type Database as Store } from "../../src/store/sqlite/sqlite-store.ts";
import { ALICE, BOB } from "./temp-store.ts";

const EVENTS = 1_000_000;
/** Every so many events one is a message: enough for every question, and made in a few seconds. */
const MESSAGE_EVERY = 10;
const ROOM = "the-large-room";

let folder: string;
let file: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-large-"));
  file = join(folder, "chat.db");
  await migrate({ file });
  const raw = new Database(file);
  raw.pragma("synchronous = OFF");
  raw.exec(`
    begin;
    insert into room (id, number, title, created_at, last_seq) values ('${ROOM}', 1, 'Large', 1, ${EVENTS});
    with recursive count(i) as (values (1) union all select i + 1 from count where i < ${EVENTS})
    insert into event (room, seq, kind, actor, actor_name, message, data, at)
    select '${ROOM}', i, iif(i % ${MESSAGE_EVERY} = 0, 'message.posted', 'reaction.added'), 'alice-id', 'alice',
      'm' || (i - i % ${MESSAGE_EVERY}), iif(i % ${MESSAGE_EVERY} = 0, null, '{"emoji":"x"}'), i from count;
    insert into message (id, room, seq, author, author_name, client_id, kind, body, created_at)
    select message, room, seq, actor, actor_name, 'c' || seq, 'message', 'body', at
    from event where kind = 'message.posted';
    commit;`);
  raw.close();
  store = await openSqliteStore({ file });
});

afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

test("whoever was away for a million events is answered: too many, or the last ones", async () => {
  expect(await store.eventLog.readSince({ room: ROOM, since: 0, limit: 500 })).toBeUndefined();
  expect(await store.eventLog.readSince({ room: ROOM, since: EVENTS - 501, limit: 500 })).toBeUndefined();
  const last = await store.eventLog.readSince({ room: ROOM, since: EVENTS - 500, limit: 500 });
  expect(last?.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, i) => EVENTS - 499 + i));
  expect(await store.eventLog.readSince({ room: ROOM, since: EVENTS, limit: 500 })).toEqual([]);
});

test("pages and counts of it stop at their bounds", async () => {
  const middle = await store.messages.readHistory({ room: ROOM, around: EVENTS / 2, limit: 100 });
  expect(middle).toMatchObject({ hasBefore: true, hasAfter: true });
  expect(middle.messages).toHaveLength(100);
  expect(await store.markers.get({ user: "reader", room: ROOM })).toMatchObject({ unread: 100, mentions: 0 });
  expect(await store.markers.get({ user: "alice-id", room: ROOM }), "one's own, however many").toMatchObject({
    unread: 0,
  });
});

test("nothing that is asked of it or written to it walks through a table", async () => {
  const raw = new Database(file);
  const statements = new Set<string>();
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: raw }),
    log: ({ query }) => {
      statements.add(query.sql);
    },
  });
  raw.exec("begin");
  await everyOperation(db);
  raw.exec("rollback");
  const walks = new Map<string, string[]>();
  for (const statement of statements) {
    const holes = Array(statement.match(/\?/g)?.length ?? 0).fill(null);
    const plan = raw.prepare<unknown[], { detail: string }>(`explain query plan ${statement}`).all(...holes);
    const found = plan.map(({ detail }) => detail).filter((detail) => detail.startsWith("SCAN ") && !isBounded(detail));
    if (found.length > 0) walks.set(statement, found);
  }
  raw.close();
  expect(statements.size).toBeGreaterThan(50);
  expect(Object.fromEntries(walks)).toEqual({});
});

/** What comes as an argument, what another query has bounded, and tables that stay small. */
function isBounded(detail: string): boolean {
  return (
    /VIRTUAL TABLE|CONSTANT ROW/.test(detail) ||
    /^SCAN (latest|unread|named|to_all|c|search_month|\(subquery-\d+\)|\d+)( |$)/.test(detail)
  );
}

async function everyOperation(db: Kysely<Tables>): Promise<void> {
  const context = { db, origin: "test", now: Date.now(), tails: new Map(), months: new Set<string>() };
  const on = { room: ROOM, accessVersion: 1, message: `m${EVENTS}` };
  const viewer = BOB.id;
  const question = { room: ROOM, limit: 100, viewer };
  await WRITES.append(context, {
    room: ROOM,
    accessVersion: 1,
    author: ALICE,
    clientId: "new",
    kind: "message",
    body: "@bob and @all",
    canMentionAll: true,
    slowModeSeconds: 1,
    replyTo: on.message,
  });
  await WRITES.react(context, { on, emoji: "👍", add: true, by: BOB });
  await WRITES.pinMessage(context, { on, pinned: true, by: BOB });
  await WRITES.editMessage(context, { on, body: "edited", mayMentionAll: false, by: ALICE });
  await WRITES.addMember(context, { room: ROOM, user: BOB, role: "member", by: ALICE });
  await WRITES.changeMember(context, { room: ROOM, user: BOB.id, changes: { role: "owner" }, by: ALICE });
  await READS.page(db, question);
  await READS.page(db, { ...question, before: 1_000 });
  await READS.page(db, { ...question, after: 1_000 });
  await READS.eventsSince(db, { room: ROOM, since: EVENTS - 100, limit: 500 });
  await READS.findMessage(db, { room: ROOM, message: on.message, viewer });
  await READS.pins(db, { room: ROOM, viewer });
  await READS.versions(db, { room: ROOM, message: on.message });
  await READS.markers(db, { user: BOB.id, rooms: [ROOM] });
  await READS.findMember(db, { room: ROOM, user: BOB.id });
  await READS.listMembers(db, { room: ROOM, limit: 10 });
  await READS.listBans(db, { room: ROOM, limit: 10 });
  await READS.roomsOf(db, { user: BOB.id });
  await READS.liveRoom(db, { id: ROOM });
  const asked = { terms: [{ text: "edited", kind: "word" as const }], rooms: [ROOM], limit: 10, viewer };
  await READS.search(db, asked);
  await WRITES.moveMarker(context, { user: BOB.id, room: ROOM, seq: EVENTS });
  await WRITES.removeMember(context, { room: ROOM, user: BOB, ban: true, by: ALICE });
  const accessVersion = (await READS.liveRoom(db, { id: ROOM }))?.accessVersion ?? 0;
  await WRITES.deleteMessage(context, { on: { ...on, accessVersion }, by: ALICE });
}
