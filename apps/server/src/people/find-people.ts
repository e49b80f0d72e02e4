import type { Author, RoomAddress } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { readVisibleRoom } from "../access/visible-room.ts";
import type { Account, Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import { toAuthor } from "./get-account.ts";

const MAX_RESULTS = 20;

export interface FindPeople {
  /** The beginning of a username, in any case. Empty matches every user. */
  readonly query: string;
  /** Only users who can see this room. */
  readonly room?: RoomAddress | undefined;
}

/** Returns at most 20 active users by a prefix of their username, by name. @throws Refusal ROOM_INVALID. */
export async function findPeople(
  { store, accounts }: Pick<Context, "store" | "accounts">,
  actor: Actor,
  { query, room: address }: FindPeople,
): Promise<readonly Author[]> {
  const find = async (room?: StoredRoom) => {
    const isInRoom = (account: Account) => room === undefined || canSeeRoom(account, room);
    return (await accounts.findByUsernamePrefix(query, MAX_RESULTS, isInRoom)).map(toAuthor);
  };
  return await (address === undefined ? find() : readVisibleRoom({ store }, actor, address, find));
}
