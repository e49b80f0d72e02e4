import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { usernameKey } from "../people/username-key.ts";

/** Bounds the cost of a message that consists of @names alone. */
const MAX_NAMES = 50;

/** A name starts where no letter, digit or mark precedes the @: `me@example.org` mentions nobody. */
const NAME = /(?<![\p{L}\p{N}._-])@([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63})/gu;

/** The name that addresses all members. */
const ALL = "all";

/**
 * Returns the normalised names that a text may mention: each as it is written and, because a sentence may end after it,
 * without the punctuation at its end.
 */
function namesIn(body: string): string[] {
  if (!body.includes("@")) return [];
  const names = new Set<string>();
  for (const [, name = ""] of body.matchAll(NAME)) {
    names.add(usernameKey(name));
    names.add(usernameKey(name.replace(/[._-]+$/u, "")));
    if (names.size >= MAX_NAMES) break;
  }
  return [...names];
}

interface Mentions {
  /** The ids of active users; never the author's own. */
  readonly people: readonly string[];
  /** Whether the message addresses all members. */
  readonly all: boolean;
}

const NO_MENTIONS: Mentions = { people: [], all: false };

const selectNamed = prepared<{ names: string }, { id: string }>((db, param, dialect) =>
  db
    .selectFrom("user")
    .select("id")
    .where("username", "in", dialect.jsonElements<string>(param("names")))
    .where("active", "=", sql.lit(1))
    .orderBy("id"),
);

/** Finds the users that a text mentions. */
export async function resolveMentions(
  context: ReadContext,
  { body, author, canMentionAll }: { body: string; author: string | null; canMentionAll: boolean },
): Promise<Mentions> {
  const names = namesIn(body);
  if (names.length === 0) return NO_MENTIONS;
  const named = await selectNamed(context, { names: JSON.stringify(names) });
  const people = named.map(({ id }) => id).filter((id) => id !== author);
  return { people, all: canMentionAll && names.includes(ALL) };
}

const insertRows = prepared<{ room: string; seq: number; people: string }, never>((db, param, dialect) =>
  db
    .insertInto("mention")
    .columns(["user", "room", "seq"])
    .expression(
      sql`select value, ${param("room")}, ${param("seq")} from ${dialect.jsonElements(param("people"))} as person`,
    ),
);

const deleteRows = prepared<{ room: string; seq: number; people: string }, never>((db, param, dialect) =>
  db
    .deleteFrom("mention")
    .where("user", "in", dialect.jsonElements<string>(param("people")))
    .where("room", "=", param("room"))
    .where("seq", "=", param("seq")),
);

/** Adds the mentions of a message to the users' unread counts. */
export async function insertMentions(
  context: WriteContext,
  { room, seq, people }: { room: string; seq: number; people: readonly string[] },
): Promise<void> {
  if (people.length > 0) await insertRows(context, { room, seq, people: JSON.stringify(people) });
}

/** Removes the mentions of a message from the unread counts. `people`: the message's column, a JSON array. */
export async function deleteMentions(
  context: WriteContext,
  { room, seq, people }: { room: string; seq: number; people: string | null },
): Promise<void> {
  if (people !== null) await deleteRows(context, { room, seq, people });
}

/** Returns the value of the message's column. */
export function toMentionsColumn(people: readonly string[]): string | null {
  return people.length === 0 ? null : JSON.stringify(people);
}
