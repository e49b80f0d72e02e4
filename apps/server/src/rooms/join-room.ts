import type { CatchUp, JoinedRoom, MemberState, RoomAddress } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import { type CatchUpQuery, readCatchUp } from "./catch-up.ts";

/** How a connection joins a room, and how it undoes that. */
export interface RoomSubscription {
  /** Subscribes the connection. Called before the log is read, so that everything committed later arrives as an event. */
  readonly subscribe: (room: StoredRoom) => Promise<void>;
  /** Undoes the subscription where the join fails, such as when the actor loses access during it. */
  readonly unsubscribe: (room: StoredRoom) => Promise<void>;
}

/** Without `since`, the answer is the latest page. */
export interface JoinRoom extends CatchUpQuery, RoomSubscription {
  readonly room: RoomAddress;
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
    const at = await toSubscribedAt(context, found);
    const [catchUp, state] = await Promise.all([
      readCatchUp(context, actor.id, at, query),
      context.store.markers.get({ user: actor.id, room: found.id }),
    ]);
    return await toJoinedRoom(context, actor, at, { catchUp, state });
  } catch (error) {
    await unsubscribe(found);
    throw error;
  }
}

/** A room, and the head of its log at the moment from which on the connection receives its events. */
export interface SubscribedAt {
  readonly id: string;
  readonly lastSeq: number;
}

/**
 * Returns the head of the log of a room that was just subscribed to. Read before the log, so that the answer is complete up to
 * this seq and everything later arrives as an event. Read after it, it could cover a message that is neither in the answer nor
 * expected as an event.
 */
export async function toSubscribedAt({ store }: Pick<Context, "store">, found: StoredRoom): Promise<SubscribedAt> {
  return { id: found.id, lastSeq: (await store.rooms.find(found.id))?.lastSeq ?? found.lastSeq };
}

/** Makes the answer, unless the actor has lost access meanwhile. @throws Refusal ROOM_INVALID. */
export async function toJoinedRoom(
  { store }: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff">,
  { id, lastSeq }: SubscribedAt,
  { catchUp, state }: { readonly catchUp: CatchUp; readonly state: MemberState },
): Promise<JoinedRoom> {
  const room = await store.rooms.find(id);
  if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("ROOM_INVALID");
  return { ...catchUp, room: { ...toPublicRoom(room), lastSeq }, state };
}
