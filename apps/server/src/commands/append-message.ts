import { setTimeout } from "node:timers/promises";
import type { RoomAddress } from "@multichat/protocol";
import { canPost } from "../policies/rooms.ts";
import type { Appended, NewMessage, StoredRoom } from "../store/store.ts";
import type { Actor, Context } from "./context.ts";
import { Refusal } from "./refusal.ts";
import { visibleRoom } from "./visible-room.ts";

/**
 * Milliseconds before each look at the room: a second one at once, for a change that this process made under the append,
 * and then in the time that it takes to hear of another process's.
 */
const LOOKS = [0, 0, 20, 100, 200] as const;

/**
 * Appends to a room in which this person may write, looking at the room again where it was changed meanwhile.
 * @throws Refusal ROOM_INVALID, ROOM_ARCHIVED; UNAVAILABLE when the room never stood still.
 */
export async function appendMessage(
  context: Pick<Context, "store">,
  actor: Pick<Actor, "staff">,
  address: RoomAddress,
  message: Omit<NewMessage, "room" | "rights">,
): Promise<{ readonly room: StoredRoom; readonly appended: Exclude<Appended, { outcome: "stale" }> }> {
  for (const delay of LOOKS) {
    if (delay > 0) await setTimeout(delay);
    const room = await visibleRoom(context, actor, address);
    if (!canPost(actor, room)) throw new Refusal("ROOM_ARCHIVED");
    const appended = await context.store.messages.append({ ...message, room: room.id, rights: room.rights });
    if (appended.outcome !== "stale") return { room, appended };
  }
  throw new Refusal("UNAVAILABLE", "The room is being changed at this moment; try again.", { retryAfter: 1 });
}
