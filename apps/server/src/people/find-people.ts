import type { Author, RoomAddress } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { toAuthor } from "./get-account.ts";

const MAX_RESULTS = 20;

export interface FindPeople {
  /** The beginning of a username, in any case; empty: of all. */
  readonly query: string;
  /** Of those who may read this room alone. */
  readonly room?: RoomAddress | undefined;
}

/** People with an active account whose name begins so, by name, at most 20. @throws Refusal ROOM_INVALID. */
export async function findPeople(
  { store, accounts }: Pick<Context, "store" | "accounts">,
  actor: Actor,
  { query, room: address }: FindPeople,
): Promise<readonly Author[]> {
  const room = address === undefined ? undefined : await getVisibleRoom({ store }, actor, address);
  const found = await accounts.findByUsernamePrefix(
    query,
    MAX_RESULTS,
    (account) => room === undefined || canSeeRoom(account, room),
  );
  return found.map(toAuthor);
}
