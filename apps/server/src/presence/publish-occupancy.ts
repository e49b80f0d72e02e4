import type { Author } from "@multichat/protocol";
import type { Context } from "../context.ts";
import type { RoomRef } from "../fan-out/broadcasts.ts";

type Told = Pick<Context, "broadcasts" | "notifyOnEnterOrLeave">;

/** Tells the room that a connection of this person has entered; `channel`, the connection itself, is not told. */
export async function publishEntry(context: Told, who: Author, room: RoomRef, channel: string): Promise<void> {
  if (context.notifyOnEnterOrLeave) await context.broadcasts.publishEntry(room, who, channel);
}

/** Tells the room that a connection of this person has left it, and `also` the channel that wants to hear of it. */
export async function publishExit(context: Told, who: Author, room: RoomRef, also?: string): Promise<void> {
  if (context.notifyOnEnterOrLeave) await context.broadcasts.publishExit(room, who, also);
}
