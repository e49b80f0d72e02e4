import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kysely } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tables } from "../../src/store/database/tables.ts";
import { RoomHeads } from "../../src/store/event-log/room-heads.ts";
import { bindOperations, runOperation } from "../../src/store/operations.ts";
import { createDialect } from "../../src/store/sqlite/connection.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { sqliteDialect } from "../../src/store/sqlite/sqlite-dialect.ts";
import { migrate, openSqliteStore, type Database as Store } from "../../src/store/sqlite/sqlite-store.ts";
import { ALICE, BOB, withMentions } from "./support/temp-store.ts";

const EVENTS = 1_000_000;
/** One in so many events is a message: enough for every query, and inserted in a few seconds. */
const MESSAGE_EVERY = 10;
const ROOM = "the-large-room";

let folder: string;
let file: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-large-"));
  file = join(folder, "chat.db");
  await migrate({ file });
  const raw = new SqliteDatabase(file);
  raw.exec("pragma synchronous = OFF");
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

test("a client that missed a million events gets nothing, or the last ones", async () => {
  expect(await store.eventLog.readSince({ room: ROOM, since: 0, limit: 500 })).toBeUndefined();
  expect(await store.eventLog.readSince({ room: ROOM, since: EVENTS - 501, limit: 500 })).toBeUndefined();
  const last = await store.eventLog.readSince({ room: ROOM, since: EVENTS - 500, limit: 500 });
  expect(last?.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, i) => EVENTS - 499 + i));
  expect(await store.eventLog.readSince({ room: ROOM, since: EVENTS, limit: 500 })).toEqual([]);
});

test("pages and counts stop at their limits", async () => {
  const middle = await store.messages.readHistory({ room: ROOM, around: EVENTS / 2, limit: 100 });
  expect(middle).toMatchObject({ hasBefore: true, hasAfter: true });
  expect(middle.messages).toHaveLength(100);
  expect(await store.markers.get({ user: "reader", room: ROOM })).toMatchObject({ unread: 100, mentions: 0 });
  expect(await store.markers.get({ user: "alice-id", room: ROOM }), "own messages, however many").toMatchObject({
    unread: 0,
  });
});

test("no operation scans a table", async () => {
  const raw = new SqliteDatabase(file);
  const statements = new Set<string>();
  const db = new Kysely<Tables>({
    dialect: createDialect(raw),
    log: ({ query }) => {
      statements.add(query.sql);
    },
  });
  raw.exec("begin");
  await runEveryOperation(db);
  raw.exec("rollback");
  const scans = new Map<string, string[]>();
  for (const statement of statements) {
    const parameters = Array(statement.match(/\?/g)?.length ?? 0).fill(null);
    const plan = raw.prepare<null[], { detail: string }>(`explain query plan ${statement}`).all(...parameters);
    const found = plan.map(({ detail }) => detail).filter((detail) => detail.startsWith("SCAN ") && !isBounded(detail));
    if (found.length > 0) scans.set(statement, found);
  }
  raw.close();
  expect(statements.size).toBeGreaterThan(50);
  expect(Object.fromEntries(scans)).toEqual({});
});

/** Arguments, results that another query has limited, and tables that stay small. */
function isBounded(detail: string): boolean {
  return (
    /VIRTUAL TABLE|CONSTANT ROW/.test(detail) ||
    /^SCAN (latest|unread|named|to_all|c|search_month|\(subquery-\d+\)|\d+)( |$)/.test(detail)
  );
}

async function runEveryOperation(db: Kysely<Tables>): Promise<void> {
  const context = {
    db,
    dialect: sqliteDialect,
    origin: "test",
    now: Date.now(),
    roomHeads: new RoomHeads(),
    logHeads: new Map(),
    unindexed: new Set<number>(),
  };
  const operations = bindOperations(async (kind, name, args) => runOperation([kind], context, name, args));
  const { messages, members, markers, eventLog, search, roomLoads } = operations;
  const ref = { room: ROOM, accessVersion: 1, message: `m${EVENTS}` };
  const viewer = BOB.id;
  const page = { room: ROOM, limit: 100, viewer };
  await messages.append({
    room: ROOM,
    accessVersion: 1,
    author: ALICE,
    clientId: "new",
    kind: "message",
    ...withMentions("@bob and @all"),
    canMentionAll: true,
    slowModeSeconds: 1,
    replyTo: ref.message,
  });
  await context.roomHeads.store(context);
  context.roomHeads.forget();
  await messages.setReaction({ ref, emoji: "👍", present: true, by: BOB });
  await messages.setPinned({ ref, pinned: true, by: BOB });
  await messages.edit({ ref, body: "edited", canMentionAll: false, by: ALICE });
  await members.add({ room: ROOM, user: BOB, role: "member", by: ALICE });
  await members.change({ room: ROOM, user: BOB.id, changes: { role: "owner" }, by: ALICE });
  await messages.readHistory(page);
  await messages.readHistory({ ...page, before: 1_000 });
  await messages.readHistory({ ...page, after: 1_000 });
  await eventLog.readSince({ room: ROOM, since: EVENTS - 100, limit: 500 });
  await eventLog.readMissed({ positions: [{ room: ROOM, since: EVENTS - 100 }], limit: 500, maxBodyBytes: 1_000 });
  await messages.find({ room: ROOM, message: ref.message, viewer });
  await messages.listPinned({ room: ROOM, viewer });
  await messages.listVersions({ room: ROOM, message: ref.message });
  await markers.getMany({ user: BOB.id, rooms: [ROOM] });
  await members.find({ room: ROOM, user: BOB.id });
  await members.list({ room: ROOM, limit: 10 });
  await members.listBans({ room: ROOM, limit: 10 });
  await members.listByUser({ user: BOB.id });
  await roomLoads.find({ id: ROOM });
  await search.find({ terms: [{ text: "edited", kind: "word" }], rooms: [ROOM], limit: 10, viewer });
  await markers.move({ user: BOB.id, room: ROOM, seq: EVENTS });
  await members.remove({ room: ROOM, user: BOB, ban: true, by: ALICE });
  const accessVersion = (await roomLoads.find({ id: ROOM }))?.accessVersion ?? 0;
  await messages.delete({ ref: { ...ref, accessVersion }, by: ALICE });
}
