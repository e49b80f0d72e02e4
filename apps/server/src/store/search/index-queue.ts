import { indexedWordsIn } from "@multichat/protocol/search";
import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { type IndexEntry, type IndexedColumns, reindexMessages } from "./index-message.ts";

/**
 * The queue of the messages that are not in the index yet: new and edited ones, and all of them after an upgrade that
 * changed how words are folded. A row is added in the transaction of the message and removed in that of its index entry, so
 * indexing continues where a killed process stopped.
 */

const insertRows = prepared<{ ns: string }, never>((db, param, dialect) =>
  db
    .insertInto("search_queue")
    .columns(["n"])
    // `where true` separates the join-less select from the conflict clause, as SQLite's grammar needs it.
    .expression(sql`select value from ${dialect.jsonNumbers(param("ns"))} as queued where true`)
    .onConflict((conflict) => conflict.doNothing()),
);

const selectNewest = prepared<
  { limit: number },
  { queued: number } & { [Column in keyof IndexedColumns]: IndexedColumns[Column] | null } & {
    deleted_at: number | null;
  }
>((db, param) =>
  db
    .selectFrom("search_queue as q")
    .leftJoin("message as m", "m.n", "q.n")
    .select(["q.n as queued", "m.n", "m.room", "m.author", "m.created_at", "m.body", "m.deleted_at"])
    .orderBy("q.n", "desc")
    .limit(param("limit")),
);

const deleteRows = prepared<{ ns: string }, never>((db, param, dialect) =>
  db.deleteFrom("search_queue").where("n", "in", dialect.jsonNumbers(param("ns"))),
);

const selectAny = prepared<Record<never, never>, { n: number }>((db) =>
  db.selectFrom("search_queue").select("n").limit(sql.lit(1)),
);

const selectByAuthor = prepared<{ author: string }, { n: number }>((db, param) =>
  db
    .selectFrom("search_queue as q")
    .innerJoin("message as m", "m.n", "q.n")
    .select("q.n")
    .where("m.author", "=", param("author"))
    // A queue that is longer than this is not waited for.
    .where("q.n", ">", sql<number>`(select max(n) - 1000 from search_queue)`)
    .limit(sql.lit(1)),
);

/** With more in the queue, every search is behind: that is the backlog of an upgrade, which says nothing of any room. */
const MAX_BACKLOG = 5_000;

const selectByRooms = prepared<{ rooms: string }, { n: number }>((db, param, dialect) =>
  db
    .selectFrom("search_queue as q")
    .innerJoin("message as m", "m.n", "q.n")
    .select("q.n")
    .where("m.room", "in", dialect.jsonElements(param("rooms")))
    .limit(sql.lit(1)),
);

const selectBeyondBacklog = prepared<Record<never, never>, { n: number }>((db) =>
  db.selectFrom("search_queue").select("n").limit(sql.lit(1)).offset(sql.lit(MAX_BACKLOG)),
);

/** Queues the messages that a transaction posted or edited, once at its end. */
export async function storeQueued(context: Pick<WriteContext, "db" | "dialect" | "unindexed">): Promise<void> {
  if (context.unindexed.size > 0) await insertRows(context, { ns: JSON.stringify([...context.unindexed]) });
}

/** How much is indexed in one transaction; one message at least. */
export interface IndexBatch {
  readonly maxMessages: number;
  /** Of their bodies. */
  readonly maxChars: number;
}

export interface IndexResult {
  /** Messages that were taken from the queue. */
  readonly indexed: number;
  readonly hasMore: boolean;
}

/**
 * Indexes queued messages, newest first. Runs in a transaction of its own, in which others may have to wait for tens of
 * milliseconds; `Indexer` does the same in parts.
 */
export async function indexQueued(context: ReadContext, { maxMessages, maxChars }: IndexBatch): Promise<IndexResult> {
  const rows = await selectNewest(context, { limit: maxMessages });
  const batch: typeof rows = [];
  let chars = 0;
  for (const row of rows) {
    chars += row.body?.length ?? 0;
    if (batch.length > 0 && chars > maxChars) break;
    batch.push(row);
  }
  // Oldest first: SQLite's index writes a segment whenever a row id is lower than the one before.
  const entries = batch.reverse().flatMap(({ n, room, author, created_at, body, deleted_at }): IndexEntry[] => {
    if (n === null || room === null || created_at === null || body === null || deleted_at !== null) return [];
    return [{ message: { n, room, author, created_at, body }, words: indexedWordsIn(body) }];
  });
  await reindexMessages(context, entries);
  await dequeue(
    context,
    batch.map(({ queued }) => queued),
  );
  return { indexed: batch.length, hasMore: rows.length > batch.length || rows.length === maxMessages };
}

/** Removes messages from the queue. */
export async function dequeue(context: ReadContext, ns: readonly number[]): Promise<void> {
  await deleteRows(context, { ns: JSON.stringify(ns) });
}

export async function hasUnindexed(context: ReadContext): Promise<boolean> {
  return (await selectAny(context, {})).length > 0;
}

/**
 * Returns whether messages of these rooms cannot be found yet. Those of other rooms do not count: a viewer could watch when
 * someone writes in a room that they cannot see.
 */
export async function isBehind(context: ReadContext, { rooms }: { rooms: readonly string[] }): Promise<boolean> {
  if (!(await hasUnindexed(context))) return false;
  if ((await selectBeyondBacklog(context, {})).length > 0) return true;
  return (await selectByRooms(context, { rooms: JSON.stringify(rooms) })).length > 0;
}

/** Returns whether a recent message of this author cannot be found yet. */
export async function hasUnindexedOf(context: ReadContext, { author }: { author: string }): Promise<boolean> {
  return (await selectByAuthor(context, { author })).length > 0;
}

/** Returns how many messages cannot be found yet. */
export async function countUnindexed({ db }: ReadContext): Promise<number> {
  const { count } = await db
    .selectFrom("search_queue")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}
