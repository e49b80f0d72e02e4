import type { Room } from "@multichat/protocol";
import { toActorRef } from "../access/operator.ts";
import { canCreateRoom } from "../access/policies/rooms.ts";
import { toPublicRoom } from "../access/public-room.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";

export interface CreateRoom {
  readonly title: string;
  readonly topic?: string | undefined;
  readonly staffOnly?: boolean | undefined;
  /** For its maker and those who are invited. */
  readonly private?: boolean | undefined;
  /** The client's name for it: the same one again from the same person answers with the same room. */
  readonly clientId?: string | undefined;
}

/** @throws Refusal FORBIDDEN. */
export async function createRoom(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  wanted: CreateRoom,
): Promise<Room> {
  const { title, topic, staffOnly, clientId } = wanted;
  if (!canCreateRoom(actor, await store.settings.get(), { staffOnly })) {
    throw new Refusal("FORBIDDEN", "Your account may not create such a room.");
  }
  const { room, events } = await store.rooms.create({
    title,
    ...(topic === undefined ? {} : { topic }),
    ...(staffOnly === undefined ? {} : { staffOnly }),
    ...(wanted.private === undefined ? {} : { private: wanted.private }),
    ...(clientId === undefined ? {} : { clientId }),
    by: toActorRef(actor),
  });
  if (events.length > 0) await broadcasts.publishRoomChange(room);
  return toPublicRoom(room);
}
