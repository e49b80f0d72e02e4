import type { Message, RoomAddress } from "@multichat/protocol";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/** Returns the pinned messages of a room, most recently pinned first. @throws Refusal ROOM_INVALID. */
export async function listPins(
  { store }: Pick<Context, "store">,
  actor: Actor,
  { room: address }: { readonly room: RoomAddress },
): Promise<readonly Message[]> {
  const room = await getVisibleRoom({ store }, actor, address);
  return await store.messages.listPinned({ room: room.id, viewer: actor.id });
}
