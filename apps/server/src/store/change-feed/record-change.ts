import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { StoreChange } from "./store-change.ts";

/** Records a change of this transaction for the other processes. */
export async function recordChange(context: WriteContext, { kind, ...data }: StoreChange): Promise<void> {
  await context.db
    .insertInto("change")
    .values({ origin: context.origin, kind, data: JSON.stringify(data), at: context.now })
    .execute();
}

const insertLogHead = prepared<{ origin: string; data: string; at: number }, never>((db, param) =>
  db.insertInto("change").values({ origin: param("origin"), kind: "tail", data: param("data"), at: param("at") }),
);

/** Records how far the logs have grown in this transaction, in one row per room. */
export async function recordLogHeads(context: WriteContext): Promise<void> {
  const { origin, now, logHeads } = context;
  for (const [room, seq] of logHeads) {
    await insertLogHead(context, { origin, data: JSON.stringify({ room, seq }), at: now });
  }
}
