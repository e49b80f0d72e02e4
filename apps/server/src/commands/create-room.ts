import type { Room } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canCreateRoom } from "../policies/rooms.ts";
import type { Context } from "./context.ts";
import { byOf } from "./operator.ts";
import { Refusal } from "./refusal.ts";
import { publicRoom } from "./visible-room.ts";

export interface CreateRoom {
  readonly title: string;
  readonly topic?: string | undefined;
  readonly staffOnly?: boolean | undefined;
}

/** @throws Refusal FORBIDDEN. */
export async function createRoom(
  { store, broadcasts }: Pick<Context, "store" | "broadcasts">,
  actor: Actor,
  { title, topic, staffOnly }: CreateRoom,
): Promise<Room> {
  if (!canCreateRoom(actor, await store.settings.get(), { staffOnly })) {
    throw new Refusal("FORBIDDEN", "Your account may not create such a room.");
  }
  const { room } = await store.rooms.create(
    {
      title,
      ...(topic === undefined ? {} : { topic }),
      ...(staffOnly === undefined ? {} : { staffOnly }),
    },
    byOf(actor),
  );
  await broadcasts.roomAltered(room);
  return publicRoom(room);
}
