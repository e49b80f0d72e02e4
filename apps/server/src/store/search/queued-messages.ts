import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { type IndexEntry, type IndexedColumns, reindexMessages } from "./index-message.ts";
import { dequeue } from "./index-queue.ts";

/** Taking messages from the queue of the index and storing their words are two steps, with time between them. */

/** A message as it was when it was taken from the queue. */
export interface QueuedMessage extends IndexedColumns {
  readonly edited_seq: number | null;
}

export interface TakenMessages {
  /** Newest first. */
  readonly messages: readonly QueuedMessage[];
  /** Row ids of the queue that have nothing to index: their messages were deleted. */
  readonly gone: readonly number[];
  /** Whether the queue held more. */
  readonly hasMore: boolean;
}

export interface TakeLimits {
  readonly maxMessages: number;
  /** UTF-8 bytes of their bodies, beyond the first message. */
  readonly maxBytes: number;
}

/** A message that was taken, with its words. */
export type QueuedEntry = IndexEntry<QueuedMessage>;

const selectNewestSizes = prepared<{ limit: number }, { n: number; bytes: number | null }>((db, param) =>
  db
    .selectFrom("search_queue as q")
    .leftJoin("message as m", "m.n", "q.n")
    // Known without reading the bodies. Deleted messages have none.
    .select(["q.n", (e) => e.fn<number | null>("octet_length", ["m.body"]).as("bytes")])
    .orderBy("q.n", "desc")
    .limit(param("limit")),
);

const selectMessages = prepared<{ ns: string }, QueuedMessage>((db, param, dialect) =>
  db
    .selectFrom("message")
    .select(["n", "room", "author", "created_at", "body", "edited_seq"])
    .where("n", "in", dialect.jsonNumbers(param("ns")))
    .where("deleted_at", "is", null)
    .orderBy("n", "desc"),
);

const selectVersions = prepared<{ ns: string }, { n: number; edited_seq: number | null }>((db, param, dialect) =>
  db
    .selectFrom("message")
    .select(["n", "edited_seq"])
    .where("n", "in", dialect.jsonNumbers(param("ns")))
    .where("deleted_at", "is", null),
);

/** Reads the newest messages of the queue, which stay in it. */
export async function takeQueued(context: ReadContext, { maxMessages, maxBytes }: TakeLimits): Promise<TakenMessages> {
  const queued = await selectNewestSizes(context, { limit: maxMessages });
  const ns: number[] = [];
  let sum = 0;
  for (const { n, bytes } of queued) {
    sum += bytes ?? 0;
    if (ns.length > 0 && sum > maxBytes) break;
    ns.push(n);
  }
  const messages = await selectMessages(context, { ns: JSON.stringify(ns) });
  const found = new Set(messages.map(({ n }) => n));
  return {
    messages,
    gone: ns.filter((n) => !found.has(n)),
    hasMore: queued.length > ns.length || queued.length === maxMessages,
  };
}

/**
 * Stores the words of messages that were taken, and removes them from the queue, within a transaction. Messages that were edited
 * or deleted meanwhile stay in the queue: their words are others now.
 *
 * @param entries in the order of their row ids: the index writes a segment whenever one is lower than the one before
 */
export async function storeEntries(
  context: ReadContext,
  { entries, gone }: { readonly entries: readonly QueuedEntry[]; readonly gone: readonly number[] },
): Promise<void> {
  const rows = await selectVersions(context, { ns: JSON.stringify(entries.map(({ message }) => message.n)) });
  const versions = new Map(rows.map(({ n, edited_seq }) => [n, edited_seq]));
  const current = entries.filter(({ message }) => versions.get(message.n) === message.edited_seq);
  await reindexMessages(context, current);
  await dequeue(context, [...gone, ...current.map(({ message }) => message.n)]);
}
