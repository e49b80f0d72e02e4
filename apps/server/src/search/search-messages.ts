import type { CommandResult, SearchHit } from "@multichat/protocol";
import { normalizeName } from "@multichat/protocol/markup";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { Refusal } from "../access/refusal.ts";
import { listVisibleRooms } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import { parseSearch } from "./search-query.ts";

export interface SearchMessages {
  readonly query: string;
  /** From an earlier answer to the same query, for the results after it. */
  readonly cursor?: string | undefined;
  /** @default 20 */
  readonly limit?: number | undefined;
}

const DEFAULT_PAGE_SIZE = 20;

/**
 * Finds messages in the rooms that the actor can see, newest first. A room that the actor cannot see is refused exactly like
 * one that does not exist.
 *
 * @throws Refusal SEARCH_INVALID, RATE_LIMITED.
 */
export async function searchMessages(
  context: Pick<Context, "store" | "accounts" | "limits" | "searchTimes">,
  actor: Actor,
  { query, cursor, limit = Math.min(DEFAULT_PAGE_SIZE, context.limits.searchPage) }: SearchMessages,
): Promise<CommandResult<"message.search">> {
  context.searchTimes.assertAllowed(actor.id);
  const search = parseSearch(query);
  // The policy decides which rooms are searched; results are not filtered afterwards.
  const rooms = selectRooms(await listVisibleRooms(context, actor), actor, search.in);
  const from = search.from === undefined ? undefined : await resolveAuthor(context, actor, search.from);
  const answer = await context.store.search.find({
    terms: search.terms,
    rooms: rooms.map(({ id }) => id),
    from,
    before: search.before,
    after: search.after,
    cursor,
    limit,
    viewer: actor.id,
  });
  context.searchTimes.charge(actor.id, answer?.tookMs ?? 0);
  if (answer === undefined) throw new Refusal("SEARCH_INVALID", "Expected a cursor from an earlier answer.");
  const found: SearchHit[] = [];
  for (const message of answer.found) {
    // The actor may have lost access during the search.
    const room = await context.store.rooms.find(message.room);
    if (room === undefined || !canSeeRoom(actor, room)) continue;
    found.push({ message, room: { id: room.id, number: room.number, title: room.title } });
  }
  const behind = await context.store.search.isBehind({ rooms: rooms.map(({ id }) => id) });
  return { found, cursor: answer.cursor, ...(behind ? { behind } : {}) };
}

/**
 * Returns the rooms with these names: an id, a number, a title in any case, or `@username` for a direct conversation.
 * @throws Refusal SEARCH_INVALID.
 */
function selectRooms(visible: readonly StoredRoom[], actor: Actor, names: readonly string[]): readonly StoredRoom[] {
  if (names.length === 0) return visible;
  const selected = names.flatMap((name) => {
    const key = normalizeName(name);
    const matches = visible.filter(
      (room) =>
        room.id === name ||
        String(room.number) === name ||
        (room.kind === "direct" ? isDirectWith(room, actor, key) : normalizeName(room.title) === key),
    );
    if (matches.length > 0) return matches;
    throw new Refusal(
      "SEARCH_INVALID",
      `Expected the title or number of one of your rooms after in:, got ${JSON.stringify(name)}.`,
    );
  });
  return [...new Set(selected)];
}

function isDirectWith(room: StoredRoom, actor: Actor, key: string): boolean {
  return room.people.some(({ id, username }) => id !== actor.id && normalizeName(`@${username}`) === key);
}

/** Returns the id of the user after `from:`. @throws Refusal SEARCH_INVALID. */
async function resolveAuthor({ accounts }: Pick<Context, "accounts">, actor: Actor, name: string): Promise<string> {
  if (normalizeName(name) === "me") return actor.id;
  const account = await accounts.find(name.replace(/^[@\uff20\ufe6b]/, ""));
  if (account !== undefined) return account.id;
  throw new Refusal("SEARCH_INVALID", `Expected a username after from:, got ${JSON.stringify(name)}.`);
}
