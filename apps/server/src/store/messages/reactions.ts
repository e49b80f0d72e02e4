import type { Reaction } from "@multichat/protocol";
import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";

/** Users listed per emoji. */
const MAX_LISTED_USERS = 100;

interface SelectedReaction {
  message: number;
  emoji: string;
  count: number;
  users: string;
  mine: number;
}

const selectReactions = prepared<{ ns: string; viewer: string }, SelectedReaction>((db, param, dialect) =>
  db
    .selectFrom("reaction_total as t")
    .select((e) => [
      "t.message",
      "t.emoji",
      "t.count",
      dialect
        .jsonArrayFrom(
          "user",
          e
            .selectFrom("reaction as r")
            .select("r.user")
            .whereRef("r.message", "=", "t.message")
            .whereRef("r.emoji", "=", "t.emoji")
            .where("r.present", "=", sql.lit(1))
            .orderBy("r.seq")
            .limit(sql.lit(MAX_LISTED_USERS)),
        )
        .as("users"),
      sql<number>`exists ${e
        .selectFrom("reaction as r")
        .select(sql.lit(1).as("one"))
        .whereRef("r.message", "=", "t.message")
        .whereRef("r.emoji", "=", "t.emoji")
        .where("r.user", "=", param("viewer"))
        .where("r.present", "=", sql.lit(1))}`.as("mine"),
    ])
    .where("t.message", "in", dialect.jsonNumbers(param("ns")))
    .orderBy("t.message")
    .orderBy("t.first_seq"),
);

/** Returns the reactions on messages, by their row ids; each in the order in which its emoji were first used. */
export async function findReactions(
  context: ReadContext,
  ns: readonly number[],
  viewer: string | undefined,
): Promise<ReadonlyMap<number, readonly Reaction[]>> {
  const byMessage = new Map<number, Reaction[]>();
  if (ns.length === 0) return byMessage;
  for (const row of await selectReactions(context, { ns: JSON.stringify(ns), viewer: viewer ?? "" })) {
    const reaction = {
      emoji: row.emoji,
      // The ids of one query's rows, made an array by the database.
      users: JSON.parse(row.users) as string[],
      count: row.count,
      mine: row.mine === 1,
    };
    const reactions = byMessage.get(row.message);
    if (reactions === undefined) byMessage.set(row.message, [reaction]);
    else reactions.push(reaction);
  }
  return byMessage;
}

const selectCounts = prepared<{ ids: string }, { id: string; emoji: string; count: number }>((db, param, dialect) =>
  db
    .selectFrom("message as m")
    .innerJoin("reaction_total as t", "t.message", "m.n")
    .select(["m.id", "t.emoji", "t.count"])
    .where("m.id", "in", dialect.jsonElements(param("ids"))),
);

export interface ReactionCounts {
  /** Returns how many users have reacted to the message with this emoji. */
  get(message: string, emoji: string): number;
}

/** Counts the reactions on messages, by their ids, as they are now. */
export async function countReactions(context: ReadContext, ids: readonly string[]): Promise<ReactionCounts> {
  const rows = ids.length === 0 ? [] : await selectCounts(context, { ids: JSON.stringify(ids) });
  const counts = new Map(rows.map(({ id, emoji, count }) => [`${id} ${emoji}`, count]));
  return { get: (message, emoji) => counts.get(`${message} ${emoji}`) ?? 0 };
}

export async function deleteReactions({ db }: WriteContext, n: number): Promise<void> {
  await db.deleteFrom("reaction").where("message", "=", n).execute();
  await db.deleteFrom("reaction_total").where("message", "=", n).execute();
}
