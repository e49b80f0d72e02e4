import { MENTION_ALL, type MentionCandidates } from "@multichat/protocol/markup";
import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Mentions } from "./message-types.ts";

export const NO_MENTIONS: Mentions = { people: [], names: [], all: false };

const selectNamed = prepared<{ names: string }, { id: string; username: string }>((db, param, dialect) =>
  db
    .selectFrom("user")
    .select(["id", "username"])
    .where("username", "in", dialect.jsonElements(param("names")))
    .where("active", "=", sql.lit(1))
    .orderBy("id"),
);

interface MentionsQuery {
  readonly candidates: MentionCandidates;
  readonly author: string | null;
  readonly canMentionAll: boolean;
}

/** Finds the users that a text mentions. Of several names that a mention can mean, the longest one that exists is meant. */
export async function resolveMentions(context: ReadContext, query: MentionsQuery): Promise<Mentions> {
  const { candidates } = query;
  return candidates.length === 0 ? NO_MENTIONS : chooseMentions(await findNamed(context, candidates.flat()), query);
}

/** Returns the ids of active users by their normalized names. */
export async function findNamed(context: ReadContext, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = await selectNamed(context, { names: JSON.stringify([...new Set(names)]) });
  return new Map(found.map(({ id, username }) => [username, id]));
}

/** @param ids of the users of all candidates that exist, by their normalized names */
export function chooseMentions(
  ids: ReadonlyMap<string, string>,
  { candidates, author, canMentionAll }: MentionsQuery,
): Mentions {
  if (candidates.length === 0) return NO_MENTIONS;
  const isKnown = (name: string): boolean => name === MENTION_ALL || ids.has(name);
  const mentioned = new Set(candidates.flatMap((names) => names.find(isKnown) ?? []));
  const all = mentioned.delete(MENTION_ALL);
  const people = [...mentioned].flatMap((name) => ids.get(name) ?? []).filter((id) => id !== author);
  return { people: people.sort(), names: [...mentioned], all: canMentionAll && all };
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
    .where("user", "in", dialect.jsonElements(param("people")))
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
