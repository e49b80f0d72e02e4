import type { JoinedRoom, RoomAddress } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import { readCatchUp } from "./catch-up.ts";

export interface JoinRoom {
  readonly room: RoomAddress;
  /** The last seq that the client has; without it the answer starts with the latest page. */
  readonly since?: number | undefined;
  /** Messages in that page. */
  readonly limit: number;
  /** Begins to hear the room. Called before the log is read: what is posted meanwhile arrives as an event. */
  readonly subscribe: (room: StoredRoom) => Promise<void>;
  /** Undoes it: the room was closed to this person while it was being read. */
  readonly unsubscribe: (room: StoredRoom) => Promise<void>;
}

/** @throws Refusal ROOM_INVALID. */
export async function joinRoom(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  { room: address, since, limit, subscribe: listen, unsubscribe: unlisten }: JoinRoom,
): Promise<JoinedRoom> {
  const found = await getVisibleRoom(context, actor, address);
  await listen(found);
  try {
    // Its lastSeq from before the log is read: the answer is complete up to there, and whatever is committed later arrives as an
    // event. Taken afterwards, it could claim a message that is neither in the page nor waited for.
    const lastSeq = (await context.store.rooms.find(found.id))?.lastSeq ?? found.lastSeq;
    const [catchUp, state] = await Promise.all([
      readCatchUp(context, actor.id, found.id, { since, limit }),
      context.store.markers.get({ user: actor.id, room: found.id }),
    ]);
    const room = await context.store.rooms.find(found.id);
    if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("ROOM_INVALID");
    return { ...catchUp, room: { ...toPublicRoom(room), lastSeq }, state };
  } catch (error) {
    await unlisten(found);
    throw error;
  }
}
