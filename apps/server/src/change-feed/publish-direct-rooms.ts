import type { Context } from "../context.ts";
import type { AccessEvents } from "../fan-out/broadcasts.ts";

/** Publishes the direct conversations of an account that has changed: they show its username and whether it is active. */
export async function publishDirectRooms(
  { store }: Pick<Context, "store">,
  events: Pick<AccessEvents, "publishRoomChange">,
  user: string,
): Promise<void> {
  for (const room of await store.rooms.list()) {
    if (room.people.some(({ id }) => id === user)) await events.publishRoomChange(room);
  }
}
