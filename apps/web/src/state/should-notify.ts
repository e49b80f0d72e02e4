import type { Message, RoomListEntry } from "@multichat/protocol";
import type { NotifyLevel } from "./preferences.ts";

/** Whether a new message causes a notification. @param me the id of the signed-in user */
export function shouldNotify(
  message: Pick<Message, "kind" | "author" | "mentions" | "mentionsAll">,
  room: Pick<RoomListEntry, "kind">,
  me: string,
  notify: NotifyLevel,
): boolean {
  // Muted notices are meant not to disturb.
  if (notify === "nothing" || message.kind === "muted" || message.author?.id === me) return false;
  if (notify === "everything") return true;
  return room.kind === "direct" || message.mentionsAll || message.mentions.includes(me);
}
