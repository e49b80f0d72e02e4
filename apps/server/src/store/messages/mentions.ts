import { type Kysely, sql } from "kysely";
import { listed } from "../database/json-values.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { usernameKey } from "../people/username-key.ts";

/** Names looked up for one message, at most: a message of nothing but @names must not cost more than a crowd does. */
const NAMES_PER_MESSAGE = 50;

/** A name begins where no letter, digit or mark stands before the @ (`me@example.org` mentions nobody). */
const NAME = /(?<![\p{L}\p{N}._-])@([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63})/gu;

/**
 * The normalised names that a text may mention: each as it stands and, as a sentence may end behind it, without the
 * punctuation at its end.
 */
function mentionedIn(body: string): string[] {
  if (!body.includes("@")) return [];
  const names = new Set<string>();
  for (const [, name = ""] of body.matchAll(NAME)) {
    names.add(usernameKey(name));
    names.add(usernameKey(name.replace(/[._-]+$/u, "")));
    if (names.size >= NAMES_PER_MESSAGE) break;
  }
  return [...names];
}

/** Whom a message addresses. */
interface Mentioned {
  /** Ids; not its author: nobody is told of having mentioned themselves. */
  readonly people: readonly string[];
  readonly all: boolean;
}

/** The name that addresses everybody, where the author may. */
const EVERYBODY = "all";

const peopleNamed = prepared<{ names: string }, { id: string }>((db, hole) =>
  db
    .selectFrom("user")
    .select("id")
    .where("username", "in", listed<string>(hole("names")))
    .where("active", "=", sql.lit(1))
    .orderBy("id"),
);

export async function resolveMentions(
  db: Kysely<Tables>,
  { body, author, mayMentionAll }: { body: string; author: string | null; mayMentionAll: boolean },
): Promise<Mentioned> {
  const names = mentionedIn(body);
  if (names.length === 0) return NOBODY;
  const found = await peopleNamed(db, { names: JSON.stringify(names) });
  const people = found.map(({ id }) => id).filter((id) => id !== author);
  return { people, all: mayMentionAll && names.includes(EVERYBODY) };
}

const NOBODY: Mentioned = { people: [], all: false };

const insertMentions = prepared<{ room: string; seq: number; people: string }, never>((db, hole) =>
  db
    .insertInto("mention")
    .columns(["user", "room", "seq"])
    .expression(sql`select value, ${hole("room")}, ${hole("seq")} from json_each(${hole("people")})`),
);

const deleteMentions = prepared<{ room: string; seq: number; people: string }, never>((db, hole) =>
  db
    .deleteFrom("mention")
    .where("user", "in", listed<string>(hole("people")))
    .where("room", "=", hole("room"))
    .where("seq", "=", hole("seq")),
);

/** What unread mentions are counted by. */
export async function countMentionsOf(
  db: Kysely<Tables>,
  { room, seq, people }: { room: string; seq: number; people: readonly string[] },
): Promise<void> {
  if (people.length > 0) await insertMentions(db, { room, seq, people: JSON.stringify(people) });
}

/** `people`: the message's column, a JSON array. */
export async function forgetMentions(
  db: Kysely<Tables>,
  { room, seq, people }: { room: string; seq: number; people: string | null },
): Promise<void> {
  if (people !== null) await deleteMentions(db, { room, seq, people });
}

/** The message's column. */
export function mentionsColumn(people: readonly string[]): string | null {
  return people.length === 0 ? null : JSON.stringify(people);
}
