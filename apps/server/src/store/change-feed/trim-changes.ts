import type { WriteContext } from "../database/context.ts";

/** How long a process may be suspended and still read every single change; idempotency keys are kept as long. */
const RETENTION_MS = 60 * 60 * 1000;

/** Deletes changes that every process has had the time to read. */
export async function trimChanges({ db, now }: WriteContext): Promise<void> {
  const before = now - RETENTION_MS;
  // An event is claimed after its change was recorded: no claim is deleted while a process may still read the change.
  await db.deleteFrom("event_claim").where("at", "<", before).execute();
  await db.deleteFrom("idempotency_key").where("at", "<", before).execute();
  await db.deleteFrom("change").where("at", "<", before).execute();
}
