import type { Message, PresenceStatus, RoomListEntry, RoomNotifyLevel } from "@multichat/protocol";
import type { NotifyLevel } from "../storage/preferences.ts";

/** Which messages of a room notify on this device. A device that shows no notifications shows none of any room. */
export function chooseNotifyLevel(device: NotifyLevel, room: RoomNotifyLevel = "default"): NotifyLevel {
  return device === "nothing" || room === "default" ? device : room;
}

/**
 * Whether a new message causes a notification.
 *
 * @param me the id of the signed-in user
 * @param status the user's own status: a busy user is not disturbed, and finds the counts of unread messages later
 */
export function shouldNotify(
  message: Pick<Message, "kind" | "author" | "mentions" | "mentionsAll">,
  room: Pick<RoomListEntry, "kind">,
  me: string,
  notify: NotifyLevel,
  status: PresenceStatus,
): boolean {
  // Muted notices are meant not to disturb.
  if (notify === "nothing" || status === "busy" || message.kind === "muted" || message.author?.id === me) return false;
  if (notify === "everything") return true;
  return room.kind === "direct" || message.mentionsAll || message.mentions.includes(me);
}
