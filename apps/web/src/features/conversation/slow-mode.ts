import type { TimelineItem } from "@multichat/client";
import type { Me, RoomListEntry } from "@multichat/protocol";
import { canModerate } from "../../policies/room-role.ts";

type SlowModeRoom = Pick<RoomListEntry, "kind" | "role" | "slowModeSeconds">;

/**
 * Returns when the user may send the next message, in milliseconds since 1970, based on their latest loaded one; null when
 * they need not wait. Moderators do not wait.
 */
export function getSlowModeEnd(me: Me, room: SlowModeRoom, items: readonly TimelineItem[]): number | null {
  if (room.slowModeSeconds === 0 || canModerate(me, room)) return null;
  const lastSent = items.findLast(countsAsSent);
  if (lastSent?.kind === "message") return lastSent.message.createdAt + room.slowModeSeconds * 1000;
  if (lastSent?.kind === "pending") return lastSent.pending.createdAt + room.slowModeSeconds * 1000;
  return null;
}

/** A pending message counts as sent, a rejected one does not. */
function countsAsSent(item: TimelineItem): boolean {
  return (item.kind === "message" && item.own) || (item.kind === "pending" && item.pending.state !== "failed");
}
