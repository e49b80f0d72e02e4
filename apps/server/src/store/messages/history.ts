import type { HistoryPage } from "@multichat/protocol";
import { sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { toMessages } from "./find-messages.ts";
import { countFitting, MAX_PAGE_BYTES } from "./fitting-bodies.ts";
import { type SelectedMessage, selectMessages } from "./message-row.ts";

interface BeforeArgs {
  readonly room: string;
  readonly before: number;
  readonly limit: number;
}

interface FromArgs {
  readonly room: string;
  readonly from: number;
  readonly limit: number;
}

const selectBefore = prepared<BeforeArgs, SelectedMessage>((db, param) =>
  selectMessages(db)
    .where("m.room", "=", param("room"))
    .where("m.seq", "<", param("before"))
    .orderBy("m.seq", "desc")
    .limit(param("limit")),
);

const selectFrom = prepared<FromArgs, SelectedMessage>((db, param) =>
  selectMessages(db)
    .where("m.room", "=", param("room"))
    .where("m.seq", ">=", param("from"))
    .orderBy("m.seq", "asc")
    .limit(param("limit")),
);

/** Known without reading them. */
const bodyBytes = sql<number>`octet_length(body) + coalesce(octet_length(files), 0)`.as("bytes");

const selectBytesBefore = prepared<BeforeArgs, { bytes: number }>((db, param) =>
  db
    .selectFrom("message")
    .select(bodyBytes)
    .where("room", "=", param("room"))
    .where("seq", "<", param("before"))
    .orderBy("seq", "desc")
    .limit(param("limit")),
);

const selectBytesFrom = prepared<FromArgs, { bytes: number }>((db, param) =>
  db
    .selectFrom("message")
    .select(bodyBytes)
    .where("room", "=", param("room"))
    .where("seq", ">=", param("from"))
    .orderBy("seq", "asc")
    .limit(param("limit")),
);

/** At most one of `before`, `after` and `around`, each a seq; without any of them the page is the newest. */
export interface HistoryQuery {
  readonly room: string;
  readonly before?: number;
  readonly after?: number;
  readonly around?: number;
  readonly limit: number;
  /** The user whose reactions are marked as `mine`. */
  readonly viewer?: string;
}

/**
 * Returns a page of at most `limit` messages. Where they are long it holds fewer, and `hasBefore` or `hasAfter` says that there
 * are more. The sizes of one message more than the page holds are read in each direction, to know that.
 */
export async function readHistory(context: ReadContext, query: HistoryQuery): Promise<HistoryPage> {
  const { before, after, around } = query;
  if (after !== undefined) return readAfter(context, query, after);
  if (around !== undefined) return readAround(context, query, around);
  return readBefore(context, query, before ?? Number.MAX_SAFE_INTEGER);
}

/** Returns the same page as JSON: copying its messages between threads costs more than reading them. */
export async function readHistoryJson(context: ReadContext, query: HistoryQuery): Promise<string> {
  return JSON.stringify(await readHistory(context, query));
}

async function readAfter(
  context: ReadContext,
  { room, limit, viewer }: HistoryQuery,
  after: number,
): Promise<HistoryPage> {
  const from = after + 1;
  const newer = await selectBytesFrom(context, { room, from, limit: limit + 1 });
  const older = await selectBytesBefore(context, { room, before: from, limit: 1 });
  const count = countFitting(newer.slice(0, limit));
  return {
    messages: await toMessages(context, await selectFrom(context, { room, from, limit: count }), viewer),
    hasBefore: older.length > 0,
    hasAfter: newer.length > count,
  };
}

/** Fills half of the page with messages before `around`; where one side has too few, the other fills up. */
async function readAround(
  context: ReadContext,
  { room, limit, viewer }: HistoryQuery,
  around: number,
): Promise<HistoryPage> {
  const older = await selectBytesBefore(context, { room, before: around, limit: limit + 1 });
  const newer = await selectBytesFrom(context, { room, from: around, limit: limit + 1 });
  const half = Math.floor(limit / 2);
  const maxOlder = Math.min(older.length, Math.max(half, limit - newer.length));
  const newerCount = countFitting(newer.slice(0, limit - maxOlder), MAX_PAGE_BYTES / 2);
  const olderCount = countFitting(older.slice(0, maxOlder), MAX_PAGE_BYTES / 2);
  const olderRows = await selectBefore(context, { room, before: around, limit: olderCount });
  const newerRows = await selectFrom(context, { room, from: around, limit: newerCount });
  return {
    messages: await toMessages(context, [...olderRows.reverse(), ...newerRows], viewer),
    hasBefore: older.length > olderCount,
    hasAfter: newer.length > newerCount,
  };
}

async function readBefore(
  context: ReadContext,
  { room, limit, viewer }: HistoryQuery,
  before: number,
): Promise<HistoryPage> {
  const older = await selectBytesBefore(context, { room, before, limit: limit + 1 });
  const newer = await selectBytesFrom(context, { room, from: before, limit: 1 });
  const count = countFitting(older.slice(0, limit));
  const rows = await selectBefore(context, { room, before, limit: count });
  return {
    messages: await toMessages(context, rows.reverse(), viewer),
    hasBefore: older.length > count,
    hasAfter: newer.length > 0,
  };
}
