import type { Kysely } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import type { IdempotencyKey } from "../store.ts";

const seqOf = prepared<{ user: string; client_id: string }, { seq: number }>((db, hole) =>
  db.selectFrom("intent").select("seq").where("user", "=", hole("user")).where("client_id", "=", hole("client_id")),
);

const insertIntent = prepared<{ user: string; client_id: string; seq: number; at: number }, never>((db, hole) =>
  db
    .insertInto("intent")
    .values({ user: hole("user"), client_id: hole("client_id"), seq: hole("seq"), at: hole("at") })
    .onConflict((c) => c.doNothing()),
);

/** What the same change was answered with before; undefined: it was not asked yet, or long ago. */
export async function findSeqByKey(
  db: Kysely<Tables>,
  intent: IdempotencyKey | undefined,
): Promise<number | undefined> {
  if (intent === undefined) return undefined;
  const [done] = await seqOf(db, { user: intent.user, client_id: intent.clientId });
  return done?.seq;
}

/** In the transaction of the change: also of one that found it to be so already, lest it come again when it is so no more. */
export async function storeKey(
  { db, now }: WriteContext,
  intent: IdempotencyKey | undefined,
  seq: number,
): Promise<void> {
  if (intent === undefined) return;
  await insertIntent(db, { user: intent.user, client_id: intent.clientId, seq, at: now });
}
