import type { MemberState, RoomAddress } from "@multichat/protocol";
import { readVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

interface MarkerPlace {
  readonly room: RoomAddress;
  readonly seq: number;
  /** How often the user had moved the marker back; undefined for a client that never does, whose marker only moves forward. */
  readonly revision?: number | undefined;
}

/**
 * Moves the actor's read marker, at most to the newest event, and publishes it to the actor's other devices. It moves back only
 * with a higher revision.
 * @throws Refusal ROOM_INVALID.
 */
export async function markRead(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Pick<Actor, "id" | "staff">,
  { room: address, seq, revision }: MarkerPlace,
): Promise<MemberState> {
  const { room, state } = await readVisibleRoom({ store }, actor, address, async ({ id, lastSeq }) => {
    const place = { room: id, seq: Math.min(seq, lastSeq), revision };
    return { room: id, state: await store.markers.move({ user: actor.id, ...place }) };
  });
  await broadcasts.publishReadMarker(actor.id, room, state);
  return state;
}
