import type { RoomAddress } from "@multichat/protocol";
import { assertMayWrite, standingIn } from "../access/room-access.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/**
 * Looks whether somebody may say that they are writing: where they may write.
 * @returns the room's id.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED, MEMBER_MUTED.
 */
export async function startTyping(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<string> {
  const standing = await standingIn({ store }, actor, address);
  assertMayWrite(actor, standing);
  return standing.room.id;
}
