import type { TimelineItem } from "@multichat/client";
import type { Me, RoomListEntry } from "@multichat/protocol";
import { canModerate } from "../../policies/room-policy.ts";

type SlowModeRoom = Pick<RoomListEntry, "kind" | "role" | "slowModeSeconds">;

/**
 * Until when somebody waits for their next message, in milliseconds since 1970, by what they wrote last as far as it is loaded; null:
 * not at all. Moderators do not wait.
 */
export function getSlowModeEnd(me: Me, room: SlowModeRoom, items: readonly TimelineItem[]): number | null {
  if (room.slowModeSeconds === 0 || canModerate(me, room)) return null;
  const lastSent = items.findLast(countsAsSent);
  if (lastSent?.kind === "message") return lastSent.message.createdAt + room.slowModeSeconds * 1000;
  if (lastSent?.kind === "pending") return lastSent.pending.createdAt + room.slowModeSeconds * 1000;
  return null;
}

/** What waits to be sent is the next message already; what was refused is none. */
function countsAsSent(item: TimelineItem): boolean {
  return (item.kind === "message" && item.own) || (item.kind === "pending" && item.pending.state !== "failed");
}
