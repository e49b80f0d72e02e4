import type { Message, RoomListEntry } from "@multichat/protocol";
import type { NotifyLevel } from "./preferences.ts";

/** Whether a message that has just come is told by a notification. @param me the id of the person */
export function shouldNotify(
  message: Pick<Message, "kind" | "author" | "mentions" | "mentionsAll">,
  room: Pick<RoomListEntry, "kind">,
  me: string,
  notify: NotifyLevel,
): boolean {
  // A muted notice is one that is not to disturb.
  if (notify === "nothing" || message.kind === "muted" || message.author?.id === me) return false;
  if (notify === "everything") return true;
  return room.kind === "direct" || message.mentionsAll || message.mentions.includes(me);
}
