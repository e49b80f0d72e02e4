import type { MemberState, RoomAddress } from "@multichat/protocol";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

/**
 * Moves the actor's read marker forward, at most to the newest event, and publishes it to the actor's other devices.
 * @throws Refusal ROOM_INVALID.
 */
export async function markRead(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Pick<Actor, "id" | "staff">,
  { room: address, seq }: { readonly room: RoomAddress; readonly seq: number },
): Promise<MemberState> {
  const room = await getVisibleRoom({ store }, actor, address);
  const state = await store.markers.move({ user: actor.id, room: room.id, seq: Math.min(seq, room.lastSeq) });
  await broadcasts.publishReadMarker(actor.id, room.id, state);
  return state;
}
