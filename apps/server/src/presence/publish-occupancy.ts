import type { Author } from "@multichat/protocol";
import type { Context } from "../context.ts";
import type { RoomRef } from "../fan-out/broadcasts.ts";

type OccupancyContext = Pick<Context, "broadcasts" | "notifyOnEnterOrLeave">;

/** Publishes that a connection of the user has entered a room. @param channel The connection, which does not receive it. */
export async function publishEntry(
  context: OccupancyContext,
  user: Author,
  room: RoomRef,
  channel: string,
): Promise<void> {
  if (context.notifyOnEnterOrLeave) await context.broadcasts.publishEntry(room, user, channel);
}

/** Publishes that a connection of the user has left a room. @param alsoTo A channel outside the room that receives it too. */
export async function publishExit(
  context: OccupancyContext,
  user: Author,
  room: RoomRef,
  alsoTo?: string,
): Promise<void> {
  if (context.notifyOnEnterOrLeave) await context.broadcasts.publishExit(room, user, alsoTo);
}
