import { type Ban, LIMITS, type RoomAddress } from "@multichat/protocol";
import { canListBans } from "../access/policies/members.ts";
import { Refusal } from "../access/refusal.ts";
import { loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns at most 500 bans, newest first; `count` covers all of them. @throws Refusal ROOM_INVALID, ROOM_ACCESS_DENIED. */
export async function listBans(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<{ readonly banned: readonly Ban[]; readonly count: number }> {
  const room = await assertCanListBans({ store }, actor, address);
  const bans = await store.members.listBans({ room, limit: LIMITS.peopleListed });
  // The read may have waited for others.
  await assertCanListBans({ store }, actor, room);
  return bans;
}

/** Returns the room's id. */
async function assertCanListBans(context: Pick<Context, "store">, actor: Actor, address: RoomAddress): Promise<string> {
  const { room, member } = await loadRoomAccess(context, actor, address);
  if (!canListBans(actor, room, member)) {
    throw new Refusal("ROOM_ACCESS_DENIED", "Only moderators of the room can see its bans.");
  }
  return room.id;
}
