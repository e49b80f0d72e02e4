import type { Reaction } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { listed } from "../database/json-values.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";

/** People listed of one reaction, at most. */
const LISTED = 100;

interface TotalShape {
  message: number;
  emoji: string;
  count: number;
  users: string;
  mine: number;
}

const totalsOf = prepared<{ ns: string; viewer: string }, TotalShape>((db, hole) =>
  db
    .selectFrom("reaction_total as t")
    .select((e) => [
      "t.message",
      "t.emoji",
      "t.count",
      sql<string>`(select json_group_array(user) from ${e
        .selectFrom("reaction as r")
        .select("r.user")
        .whereRef("r.message", "=", "t.message")
        .whereRef("r.emoji", "=", "t.emoji")
        .where("r.present", "=", sql.lit(1))
        .orderBy("r.seq")
        .limit(sql.lit(LISTED))})`.as("users"),
      sql<number>`exists ${e
        .selectFrom("reaction as r")
        .select(sql.lit(1).as("one"))
        .whereRef("r.message", "=", "t.message")
        .whereRef("r.emoji", "=", "t.emoji")
        .where("r.user", "=", hole("viewer"))
        .where("r.present", "=", sql.lit(1))}`.as("mine"),
    ])
    .where("t.message", "in", listed<number>(hole("ns")))
    .orderBy("t.message")
    .orderBy("t.first_seq"),
);

/** The reactions on messages (by their `n`), each in the order in which the emoji came. */
export async function reactionsOf(
  db: Kysely<Tables>,
  ns: readonly number[],
  viewer: string | undefined,
): Promise<ReadonlyMap<number, readonly Reaction[]>> {
  const found = new Map<number, Reaction[]>();
  if (ns.length === 0) return found;
  for (const row of await totalsOf(db, { ns: JSON.stringify(ns), viewer: viewer ?? "" })) {
    const reaction = {
      emoji: row.emoji,
      // The ids of one query's rows, made an array by the database.
      users: JSON.parse(row.users) as string[],
      count: row.count,
      mine: row.mine === 1,
    };
    const before = found.get(row.message);
    if (before === undefined) found.set(row.message, [reaction]);
    else before.push(reaction);
  }
  return found;
}

const countsOf = prepared<{ ids: string }, { id: string; emoji: string; count: number }>((db, hole) =>
  db
    .selectFrom("message as m")
    .innerJoin("reaction_total as t", "t.message", "m.n")
    .select(["m.id", "t.emoji", "t.count"])
    .where("m.id", "in", listed<string>(hole("ids"))),
);

/** How many of each emoji there are on messages (by their ids) now; the key is the id and the emoji. */
export async function reactionCounts(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<(message: string, emoji: string) => number> {
  if (ids.length === 0) return () => 0;
  const rows = await countsOf(db, { ids: JSON.stringify(ids) });
  const counts = new Map(rows.map(({ id, emoji, count }) => [`${id} ${emoji}`, count]));
  return (message, emoji) => counts.get(`${message} ${emoji}`) ?? 0;
}

/** All of them go with their message. */
export async function dropReactions(db: Kysely<Tables>, message: number): Promise<void> {
  await db.deleteFrom("reaction").where("message", "=", message).execute();
  await db.deleteFrom("reaction_total").where("message", "=", message).execute();
}
