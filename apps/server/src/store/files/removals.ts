import type { ReadContext, WriteContext } from "../database/context.ts";

/** Contents that no file has any more are queued in the transaction that deletes the last file, and removed later. */

/** Files in one transaction, in which others may have to wait. */
const BATCH_SIZE = 100;

export interface AbandonedQuery {
  /** Milliseconds since 1970: uploads from before that are in no message, and the files of rooms deleted before. */
  readonly before: number;
}

/** Deletes a batch of abandoned files, and queues their contents. */
export async function deleteAbandoned(
  context: WriteContext,
  { before }: AbandonedQuery,
): Promise<{ readonly deleted: number; readonly hasMore: boolean }> {
  const { db, now } = context;
  const unposted = await db
    .selectFrom("file")
    .select(["id", "key"])
    .where("message", "is", null)
    .where("created_at", "<", before)
    .limit(BATCH_SIZE)
    .execute();
  const lost = await db
    .selectFrom("room as r")
    .innerJoin("file as f", "f.room", "r.id")
    .select(["f.id", "f.key"])
    .where("r.deleted_at", "is not", null)
    .where("r.deleted_at", "<", before)
    .limit(BATCH_SIZE)
    .execute();
  const rows = [...new Map([...unposted, ...lost].map((row) => [row.id, row])).values()];
  if (rows.length === 0) return { deleted: 0, hasMore: false };
  const keys = [...new Set(rows.map(({ key }) => key))];
  await db
    .insertInto("file_removal")
    .values(keys.map((key) => ({ key, at: now })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await db
    .deleteFrom("file")
    .where(
      "id",
      "in",
      rows.map(({ id }) => id),
    )
    .execute();
  return { deleted: rows.length, hasMore: unposted.length === BATCH_SIZE || lost.length === BATCH_SIZE };
}

/**
 * Returns keys that were queued before `before` and that no file has: no file will ever have them again, because a new file takes
 * the key of a present one or a new key. Those that a file has leave the queue.
 */
export async function takeRemovals({ db }: WriteContext, { before }: { before: number }): Promise<readonly string[]> {
  const queued = await db
    .selectFrom("file_removal")
    .select("key")
    .where("at", "<", before)
    .orderBy("at")
    .limit(BATCH_SIZE)
    .execute();
  const keys = queued.map(({ key }) => key);
  if (keys.length === 0) return [];
  const retained = new Set(
    (await db.selectFrom("file").select("key").distinct().where("key", "in", keys).execute()).map(({ key }) => key),
  );
  if (retained.size > 0)
    await db
      .deleteFrom("file_removal")
      .where("key", "in", [...retained])
      .execute();
  const removable = keys.filter((key) => !retained.has(key));
  return removable;
}

/** Takes keys out of the queue whose contents were removed. */
export async function deleteRemovals({ db }: WriteContext, { keys }: { keys: readonly string[] }): Promise<void> {
  if (keys.length > 0)
    await db
      .deleteFrom("file_removal")
      .where("key", "in", [...keys])
      .execute();
}

/** A content that files have. */
export interface StoredContent {
  readonly key: string;
  readonly hash: string;
  readonly bytes: number;
}

const PAGE_SIZE = 1_000;

/** Returns a page of the contents that files have, in the order of their keys, after `after`. */
export async function listContents(
  { db }: ReadContext,
  { after }: { after: string },
): Promise<readonly StoredContent[]> {
  return await db
    .selectFrom("file")
    .select(["key", "hash", "bytes"])
    .distinct()
    .where("key", ">", after)
    .orderBy("key")
    .limit(PAGE_SIZE)
    .execute();
}

/** Returns those of the keys that a file has, or that wait for their removal. */
export async function findKnownKeys(
  { db }: ReadContext,
  { keys }: { keys: readonly string[] },
): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const rows = await db
    .selectFrom("file")
    .select("key")
    .where("key", "in", [...keys])
    .union(
      db
        .selectFrom("file_removal")
        .select("key")
        .where("key", "in", [...keys]),
    )
    .execute();
  return rows.map(({ key }) => key);
}
