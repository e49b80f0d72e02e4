import type { JoinedRoom, RoomAddress } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import { type CatchUpQuery, readCatchUp } from "./catch-up.ts";

/** Without `since`, the answer is the latest page. */
export interface JoinRoom extends CatchUpQuery {
  readonly room: RoomAddress;
  /** Subscribes the connection. Called before the log is read, so that everything committed later arrives as an event. */
  readonly subscribe: (room: StoredRoom) => Promise<void>;
  /** Undoes the subscription where the join fails, such as when the actor loses access during it. */
  readonly unsubscribe: (room: StoredRoom) => Promise<void>;
}

/** Subscribes a connection to a room and returns what its client has missed. @throws Refusal ROOM_INVALID. */
export async function joinRoom(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  { room: address, subscribe, unsubscribe, ...query }: JoinRoom,
): Promise<JoinedRoom> {
  const found = await getVisibleRoom(context, actor, address);
  await subscribe(found);
  try {
    // Read before the log, so that the answer is complete up to this seq and everything later arrives as an event. Read after
    // it, it could cover a message that is neither in the answer nor expected as an event.
    const lastSeq = (await context.store.rooms.find(found.id))?.lastSeq ?? found.lastSeq;
    const [catchUp, state] = await Promise.all([
      readCatchUp(context, actor.id, { id: found.id, lastSeq }, query),
      context.store.markers.get({ user: actor.id, room: found.id }),
    ]);
    const room = await context.store.rooms.find(found.id);
    if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("ROOM_INVALID");
    return { ...catchUp, room: { ...toPublicRoom(room), lastSeq }, state };
  } catch (error) {
    await unsubscribe(found);
    throw error;
  }
}
