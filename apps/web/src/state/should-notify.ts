import type { Message, RoomListEntry } from "@multichat/protocol";
import type { Notify } from "./preferences.ts";

/** Whether a message that has just come is told by a notification. @param me the id of the person */
export function isWorthTelling(
  message: Pick<Message, "kind" | "author" | "mentions" | "mentionsAll">,
  room: Pick<RoomListEntry, "kind">,
  me: string,
  notify: Notify,
): boolean {
  // A muted notice is one that is not to disturb.
  if (notify === "nothing" || message.kind === "muted" || message.author?.id === me) return false;
  if (notify === "everything") return true;
  return room.kind === "direct" || message.mentionsAll || message.mentions.includes(me);
}
