import type { RoomAddress } from "@multichat/protocol";
import { assertCanWrite, loadRoomAccess } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/**
 * Looks whether somebody may say that they are writing: where they may write.
 * @returns the room's id.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED.
 */
export async function authorizeTyping(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<string> {
  const standing = await loadRoomAccess({ store }, actor, address);
  assertCanWrite(actor, standing);
  return standing.room.id;
}
