import type { Author } from "@multichat/protocol";
import type { Context } from "../context.ts";
import type { RoomName } from "../fan-out/broadcasts.ts";

type Told = Pick<Context, "broadcasts" | "notifyOnEnterOrLeave">;

/** Tells the room that a connection of this person has entered; `channel`, the connection itself, is not told. */
export async function announceEntry(context: Told, who: Author, room: RoomName, channel: string): Promise<void> {
  if (context.notifyOnEnterOrLeave) await context.broadcasts.entered(room, who, channel);
}

/** Tells the room that a connection of this person has left it, and `also` the channel that wants to hear of it. */
export async function announceExit(context: Told, who: Author, room: RoomName, also?: string): Promise<void> {
  if (context.notifyOnEnterOrLeave) await context.broadcasts.left(room, who, also);
}
