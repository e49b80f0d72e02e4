import type { HistoryPage, Message } from "@multichat/protocol";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { toMessages } from "./find-messages.ts";
import { type SelectedMessage, selectMessages } from "./message-row.ts";

const selectBefore = prepared<{ room: string; before: number; limit: number }, SelectedMessage>((db, param) =>
  selectMessages(db)
    .where("m.room", "=", param("room"))
    .where("m.seq", "<", param("before"))
    .orderBy("m.seq", "desc")
    .limit(param("limit")),
);

const selectFrom = prepared<{ room: string; from: number; limit: number }, SelectedMessage>((db, param) =>
  selectMessages(db)
    .where("m.room", "=", param("room"))
    .where("m.seq", ">=", param("from"))
    .orderBy("m.seq", "asc")
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

/** One row more than the page holds is read in each direction, to know whether there are more. */
export async function readHistory(context: ReadContext, query: HistoryQuery): Promise<HistoryPage> {
  const { before, after, around } = query;
  if (after !== undefined) return readAfter(context, query, after);
  if (around !== undefined) return readAround(context, query, around);
  return readBefore(context, query, before);
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
  const newer = await selectFrom(context, { room, from: after + 1, limit: limit + 1 });
  const older = await selectBefore(context, { room, before: after + 1, limit: 1 });
  return {
    messages: await toMessages(context, newer.slice(0, limit), viewer),
    hasBefore: older.length > 0,
    hasAfter: newer.length > limit,
  };
}

/** Fills half of the page with messages before `around`; where one side has too few, the other fills up. */
async function readAround(
  context: ReadContext,
  { room, limit, viewer }: HistoryQuery,
  around: number,
): Promise<HistoryPage> {
  const older = (await selectBefore(context, { room, before: around, limit: limit + 1 })).reverse();
  const newer = await selectFrom(context, { room, from: around, limit: limit + 1 });
  const half = Math.floor(limit / 2);
  const olderCount = Math.min(older.length, Math.max(half, limit - newer.length));
  const newerCount = Math.min(newer.length, limit - olderCount);
  const rows = [...older.slice(older.length - olderCount), ...newer.slice(0, newerCount)];
  return {
    messages: await toMessages(context, rows, viewer),
    hasBefore: older.length > olderCount,
    hasAfter: newer.length > newerCount,
  };
}

async function readBefore(
  context: ReadContext,
  { room, limit, viewer }: HistoryQuery,
  before: number | undefined,
): Promise<HistoryPage> {
  const older = await selectBefore(context, { room, before: before ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 });
  const newer = before === undefined ? [] : await selectFrom(context, { room, from: before, limit: 1 });
  const messages: Message[] = await toMessages(context, older.slice(0, limit).reverse(), viewer);
  return { messages, hasBefore: older.length > limit, hasAfter: newer.length > 0 };
}
