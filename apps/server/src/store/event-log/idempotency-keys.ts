import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";

/** The id that a client gave a change, kept for an hour: no client retries for longer. */
export interface IdempotencyKey {
  readonly user: string;
  readonly clientId: string;
}

const selectKey = prepared<{ user: string; client_id: string }, { seq: number }>((db, param) =>
  db
    .selectFrom("idempotency_key")
    .select("seq")
    .where("user", "=", param("user"))
    .where("client_id", "=", param("client_id")),
);

const insertKey = prepared<{ user: string; client_id: string; seq: number; at: number }, never>((db, param) =>
  db
    .insertInto("idempotency_key")
    .values({ user: param("user"), client_id: param("client_id"), seq: param("seq"), at: param("at") })
    .onConflict((conflict) => conflict.doNothing()),
);

/** Returns the seq that a change with this key was acknowledged with; undefined: there was none within the last hour. */
export async function findSeqByKey(
  context: ReadContext,
  { user, clientId }: IdempotencyKey,
): Promise<number | undefined> {
  const [row] = await selectKey(context, { user, client_id: clientId });
  return row?.seq;
}

/**
 * Stores the key in the transaction of its change. A change that found its state in place already stores it too, so that
 * a late retry has no effect after that state has changed again.
 */
export async function storeKey(context: WriteContext, key: IdempotencyKey | undefined, seq: number): Promise<void> {
  if (key === undefined) return;
  await insertKey(context, { user: key.user, client_id: key.clientId, seq, at: context.now });
}
