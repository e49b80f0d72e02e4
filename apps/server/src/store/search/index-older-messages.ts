import { sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { type IndexedColumns, reindexMessage } from "./index-message.ts";
import { storeMonths } from "./months.ts";

/** Messages indexed at once; they take a few milliseconds, for which a new message may have to wait. */
const BATCH_SIZE = 200;

/** Messages with a row id below this mark are not indexed yet; without a row, all are. */
const MARK = "search.below";

const selectMark = prepared<Record<never, never>, { value: string }>((db) =>
  db.selectFrom("meta").select("value").where("key", "=", sql.lit(MARK)),
);

const selectBelow = prepared<{ below: number }, IndexedColumns & { deleted_at: number | null }>((db, param) =>
  db
    .selectFrom("message")
    .select(["n", "room", "author", "created_at", "body", "deleted_at"])
    .where("n", "<", param("below"))
    .orderBy("n", "desc")
    .limit(sql.lit(BATCH_SIZE)),
);

/**
 * Indexes the next messages from before the search existed, newest first.
 *
 * @returns how many are left, at most; 0: all messages are indexed.
 */
export async function indexOlderMessages(context: ReadContext): Promise<number> {
  const below = await countUnindexed(context);
  if (below === 0) return 0;
  const rows = await selectBelow(context, { below });
  const indexContext = { ...context, searchMonths: new Set<string>() };
  for (const row of rows) {
    // A message that was edited since the upgrade is in the index already.
    if (row.deleted_at === null) await reindexMessage(indexContext, row);
  }
  await storeMonths(indexContext);
  const lowest = rows.at(-1)?.n;
  if (lowest === undefined) {
    await context.db.deleteFrom("meta").where("key", "=", MARK).execute();
    return 0;
  }
  await context.db
    .updateTable("meta")
    .set({ value: String(lowest) })
    .where("key", "=", MARK)
    .execute();
  return lowest;
}

/** Returns how many messages are not indexed yet, at most. */
export async function countUnindexed(context: ReadContext): Promise<number> {
  const [mark] = await selectMark(context, {});
  return mark === undefined ? 0 : Number(mark.value);
}
