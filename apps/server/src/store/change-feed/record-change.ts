import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { StoreChange } from "./store-change.ts";

const insertChange = prepared<{ origin: string; kind: string; data: string; at: number }, never>((db, param) =>
  db
    .insertInto("change")
    .values({ origin: param("origin"), kind: param("kind"), data: param("data"), at: param("at") }),
);

/** Records a change of this transaction for the other processes. */
export async function recordChange(
  context: ReadContext & Pick<WriteContext, "origin" | "now">,
  { kind, ...data }: StoreChange,
): Promise<void> {
  await insertChange(context, { origin: context.origin, kind, data: JSON.stringify(data), at: context.now });
}

const insertLogHeads = prepared<{ origin: string; heads: string; at: number }, never>((db, param, dialect) =>
  db
    .insertInto("change")
    .columns(["origin", "kind", "data", "at"])
    .expression(
      sql`select ${param("origin")}, 'tail', value, ${param("at")} from ${dialect.jsonElements(param("heads"))} as head`,
    ),
);

/** Records how far the logs have grown in this transaction, in one row per room. */
export async function recordLogHeads(context: WriteContext): Promise<void> {
  const { origin, now, logHeads } = context;
  if (logHeads.size === 0) return;
  const heads = [...logHeads].map(([room, seq]) => JSON.stringify({ room, seq }));
  await insertLogHeads(context, { origin, heads: JSON.stringify(heads), at: now });
}
