import { setTimeout } from "node:timers/promises";
import type { Message, RoomAddress } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import { canPost } from "../policies/rooms.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";
import { visibleRoom } from "./visible-room.ts";

export interface PostMessage {
  readonly room: RoomAddress;
  /** The client's name for the message: the same one again is answered with the first message, and posts nothing. */
  readonly clientId: string;
  /** Checked by the schema of the door that it came in by. */
  readonly body: string;
}

/**
 * Milliseconds before each look at the room: a second one at once, for a change that this process made under the append,
 * and then in the time that it takes to hear of another process's.
 */
const LOOKS = [0, 0, 20, 100, 200] as const;

/**
 * The message is committed, synced to disk and on its way to the room when this resolves.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED; UNAVAILABLE when the room never stood still.
 */
export async function postMessage(
  context: Pick<Context, "store" | "broadcasts">,
  actor: Pick<Actor, "id" | "username" | "staff">,
  { room: address, clientId, body }: PostMessage,
): Promise<{ readonly seq: number; readonly message: Message }> {
  for (const delay of LOOKS) {
    if (delay > 0) await setTimeout(delay);
    const room = await visibleRoom(context, actor, address);
    if (!canPost(actor, room)) throw new Refusal("ROOM_ARCHIVED");
    const appended = await context.store.messages.append({
      room: room.id,
      rights: room.rights,
      author: { id: actor.id, username: actor.username },
      clientId,
      kind: "message",
      body,
    });
    if (appended.outcome === "stale") continue;
    // Handed to the layer in the order of the commits; nobody waits here for its way through the layer.
    if (appended.outcome === "appended") await context.broadcasts.logged(room, appended.event);
    return { seq: appended.message.seq, message: appended.message };
  }
  throw new Refusal("UNAVAILABLE", "The room is being changed at this moment; try again.", { retryAfter: 1 });
}
