import type { Room } from "@multichat/protocol";
import { operatorSource, toActorRef } from "../access/operator.ts";
import { canCreateRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import { getVisibleRoom } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

export interface CreateRoom {
  readonly title: string;
  readonly topic?: string | undefined;
  readonly staffOnly?: boolean | undefined;
  /** True: only the creator and invited users can see it. */
  readonly private?: boolean | undefined;
  /** The client's id of the room. A retry with the same id returns the same room. */
  readonly clientId?: string | undefined;
}

/**
 * Creates a room with the actor as its first owner, or returns the one that the actor created with the same client id.
 * @throws Refusal FORBIDDEN; ROOM_INVALID for an earlier room that is deleted, or that the actor may no longer see.
 */
export async function createRoom(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { title, topic, staffOnly, clientId, private: isPrivate }: CreateRoom,
): Promise<Room> {
  if (!canCreateRoom(actor, await store.settings.get(), { staffOnly })) {
    throw new Refusal("FORBIDDEN", "Your account may not create this kind of room.");
  }
  const { room, events } = await store.rooms.create({
    title,
    ...(topic === undefined ? {} : { topic }),
    ...(staffOnly === undefined ? {} : { staffOnly }),
    ...(isPrivate === undefined ? {} : { private: isPrivate }),
    ...(clientId === undefined ? {} : { clientId }),
    by: toActorRef(actor),
    audit: operatorSource(actor),
  });
  if (events.length === 0) return toPublicRoom(await getVisibleRoom({ store }, actor, room.id));
  await broadcasts.publishRoomChange(room);
  return toPublicRoom(room);
}
