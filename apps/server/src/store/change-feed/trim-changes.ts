import { sql } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { setMeta } from "../database/meta.ts";
import { prepared } from "../database/prepared.ts";
import { lastChangeId, TRIMMED_KEY } from "./read-changes.ts";

/** How long a process may be suspended and still read every single change; idempotency keys are kept as long. */
const RETENTION_MS = 60 * 60 * 1000;

const selectFirstSince = prepared<{ since: number }, { id: number }>((db, param) =>
  db.selectFrom("change").select("id").where("at", ">=", param("since")).orderBy("id").limit(sql.lit(1)),
);

/** Deletes changes that every process has had the time to read. */
export async function trimChanges(context: WriteContext): Promise<void> {
  const { db, now } = context;
  const before = now - RETENTION_MS;
  // An event is claimed after its change was recorded: no claim is deleted while a process may still read the change.
  await db.deleteFrom("event_claim").where("at", "<", before).execute();
  await db.deleteFrom("idempotency_key").where("at", "<", before).execute();
  // The changes are in the order of their times: only those that are deleted are read, whatever the length of the feed.
  const [first] = await selectFirstSince(context, { since: before });
  const trimmed = first === undefined ? await lastChangeId(context) : first.id - 1;
  const { numDeletedRows } = await db.deleteFrom("change").where("id", "<=", trimmed).executeTakeFirst();
  if (numDeletedRows > 0n) await setMeta(db, TRIMMED_KEY, String(trimmed));
}
