import type { RoomAddress } from "@multichat/protocol";
import { assertCanWrite, loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/**
 * Checks that the actor may show that they are typing, which takes the permission to write.
 * @returns the room's id.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED.
 */
export async function authorizeTyping(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<string> {
  const access = await loadRoomAccess({ store }, actor, address);
  assertCanWrite(actor, access);
  return access.room.id;
}
