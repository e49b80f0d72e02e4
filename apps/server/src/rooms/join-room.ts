import type { JoinedRoom, RoomAddress } from "@multichat/protocol";
import { canSeeRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { StoredRoom } from "../store/store.ts";
import type { CatchUpQuery } from "./catch-up.ts";
import { type RoomAnswer, readAnswers } from "./read-answers.ts";
import type { SubscribedRoom } from "./subscribed-room.ts";

/** How a connection joins a room, and how it undoes that. */
export interface RoomSubscription {
  /** Subscribes the connection. Called before the log is read, so that everything committed later arrives as an event. */
  readonly subscribe: (room: StoredRoom) => Promise<void>;
  /** Undoes the subscription where the join fails, such as when the actor loses access during it. */
  readonly unsubscribe: (room: StoredRoom) => Promise<void>;
}

export interface JoinRoom extends CatchUpQuery, RoomSubscription {
  readonly room: RoomAddress;
  /** The last seq that the client has. @default none: the answer is the latest page */
  readonly since?: number | undefined;
}

/** Subscribes a connection to a room and returns what its client has missed. @throws Refusal ROOM_INVALID. */
export async function joinRoom(
  context: Pick<Context, "store" | "limits">,
  actor: Pick<Actor, "id" | "staff">,
  { room: address, since, subscribe, unsubscribe, ...query }: JoinRoom,
): Promise<JoinedRoom> {
  const found = await getVisibleRoom(context, actor, address);
  await subscribe(found);
  try {
    const [answer] = await readAnswers(context, actor.id, [await toSubscribedRoom(context, found, since)], query);
    if (answer === undefined) throw new Error(`expected an answer for room ${found.id}`);
    return await toJoinedRoom(context, actor, found, answer);
  } catch (error) {
    await unsubscribe(found);
    throw error;
  }
}

/** Returns a room that was just subscribed to, with the head of its log now. */
export async function toSubscribedRoom(
  { store }: Pick<Context, "store">,
  found: StoredRoom,
  since: number | undefined,
): Promise<SubscribedRoom> {
  return { id: found.id, lastSeq: (await store.rooms.find(found.id))?.lastSeq ?? found.lastSeq, since };
}

/** Makes the answer, unless the actor has lost access meanwhile. @throws Refusal ROOM_INVALID. */
export async function toJoinedRoom(
  { store }: Pick<Context, "store">,
  actor: Pick<Actor, "id" | "staff">,
  { id }: Pick<StoredRoom, "id">,
  { lastSeq, catchUp, state }: RoomAnswer,
): Promise<JoinedRoom> {
  const room = await store.rooms.find(id);
  if (room === undefined || !canSeeRoom(actor, room)) throw new Refusal("ROOM_INVALID");
  return { ...catchUp, room: { ...toPublicRoom(room), lastSeq }, state };
}
