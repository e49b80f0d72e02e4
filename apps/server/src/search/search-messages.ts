import type { CommandResult, SearchHit } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import { listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import { parseSearch } from "./search-query.ts";

export interface SearchMessages {
  readonly query: string;
  /** Of an earlier answer to the same query: what comes after it. */
  readonly cursor?: string | undefined;
  /** @default 20 */
  readonly limit?: number | undefined;
}

const DEFAULT_PAGE_SIZE = 20;

/**
 * Messages in the rooms that the searcher may read, newest first. A room or a person that does not exist for them is answered
 * alike, whether there is one or not.
 *
 * @throws Refusal SEARCH_INVALID.
 */
export async function searchMessages(
  context: Pick<Context, "store" | "accounts" | "limits">,
  actor: Actor,
  { query, cursor, limit = Math.min(DEFAULT_PAGE_SIZE, context.limits.searchPage) }: SearchMessages,
): Promise<CommandResult<"message.search">> {
  const asked = parseSearch(query);
  // The policy first: the search never looks into a room and filters afterwards.
  const rooms = selectRooms(await listVisibleRooms(context, actor), actor, asked.in);
  const from = asked.from === undefined ? undefined : await resolveAuthor(context, actor, asked.from);
  const answer = await context.store.search.find({
    terms: asked.terms,
    rooms: rooms.map(({ id }) => id),
    from,
    before: asked.before,
    after: asked.after,
    cursor,
    limit,
    viewer: actor.id,
  });
  if (answer === undefined) throw new Refusal("SEARCH_INVALID", "Expected a cursor as an earlier answer gave it.");
  const results: SearchHit[] = [];
  for (const message of answer.found) {
    // And again now: a room may have been lost while it was searched.
    const room = await context.store.rooms.find(message.room);
    if (room === undefined || !canSeeRoom(actor, room)) continue;
    results.push({ message, room: { id: room.id, number: room.number, title: room.title } });
  }
  return { found: results, cursor: answer.cursor };
}

/** By id, number, title in any case, or `@name` for the direct conversation with somebody. @throws Refusal SEARCH_INVALID. */
function selectRooms(visible: readonly StoredRoom[], actor: Actor, names: readonly string[]): readonly StoredRoom[] {
  if (names.length === 0) return visible;
  const asked = names.flatMap((name) => {
    const key = normalizeName(name);
    const found = visible.filter(
      (room) =>
        room.id === name ||
        String(room.number) === name ||
        (room.kind === "direct" ? isDirectWith(room, actor, key) : normalizeName(room.title) === key),
    );
    if (found.length > 0) return found;
    throw new Refusal(
      "SEARCH_INVALID",
      `Expected the title or number of one of your rooms after in:, got ${JSON.stringify(name)}.`,
    );
  });
  return [...new Set(asked)];
}

function isDirectWith(room: StoredRoom, actor: Actor, key: string): boolean {
  return room.people.some(({ id, username }) => id !== actor.id && normalizeName(`@${username}`) === key);
}

/** @throws Refusal SEARCH_INVALID. */
async function resolveAuthor({ accounts }: Pick<Context, "accounts">, actor: Actor, name: string): Promise<string> {
  if (name === "me") return actor.id;
  const account = await accounts.find(name.replace(/^@/, ""));
  if (account !== undefined) return account.id;
  throw new Refusal("SEARCH_INVALID", `Expected somebody's username after from:, got ${JSON.stringify(name)}.`);
}

function normalizeName(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
