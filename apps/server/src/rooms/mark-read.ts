import type { MemberState, RoomAddress } from "@multichat/protocol";
import { readVisibleRoom } from "../access/visible-room.ts";
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
  const { room, state } = await readVisibleRoom({ store }, actor, address, async ({ id, lastSeq }) => {
    return { room: id, state: await store.markers.move({ user: actor.id, room: id, seq: Math.min(seq, lastSeq) }) };
  });
  await broadcasts.publishReadMarker(actor.id, room, state);
  return state;
}
