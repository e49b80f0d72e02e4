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
  const { room, member } = await loadRoomAccess({ store }, actor, address);
  if (!canListBans(actor, room, member)) {
    throw new Refusal("ROOM_ACCESS_DENIED", "Only moderators of the room can see its bans.");
  }
  return await store.members.listBans({ room: room.id, limit: LIMITS.peopleListed });
}
