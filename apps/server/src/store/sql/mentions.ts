import type { Kysely } from "kysely";
import { usernameKey } from "../username-key.ts";
import type { Tables } from "./tables.ts";

/** Names looked up for one message, at most: a message of nothing but @names must not cost more than a crowd does. */
const NAMES_PER_MESSAGE = 50;

/** A name begins where no letter, digit or mark stands before the @ (`me@example.org` mentions nobody). */
const NAME = /(?<![\p{L}\p{N}._-])@([\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63})/gu;

/**
 * The normalised names that a text may mention: each as it stands and, as a sentence may end behind it, without the
 * punctuation at its end.
 */
export function mentionedIn(body: string): string[] {
  if (!body.includes("@")) return [];
  const names = new Set<string>();
  for (const [, name = ""] of body.matchAll(NAME)) {
    names.add(usernameKey(name));
    names.add(usernameKey(name.replace(/[._-]+$/u, "")));
    if (names.size >= NAMES_PER_MESSAGE) break;
  }
  return [...names];
}

/** Nobody is told of having mentioned themselves. */
export async function rememberMentions(
  db: Kysely<Tables>,
  where: { room: string; seq: number; author: string | null; names: readonly string[] },
): Promise<void> {
  const people = await db
    .selectFrom("user")
    .select("id")
    .where("username", "in", where.names)
    .where("active", "=", 1)
    .execute();
  const mentioned = people.filter(({ id }) => id !== where.author);
  if (mentioned.length === 0) return;
  await db
    .insertInto("mention")
    .values(mentioned.map(({ id }) => ({ user: id, room: where.room, seq: where.seq })))
    .execute();
}
