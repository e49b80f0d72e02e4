import type { TimelineItem } from "@multichat/client";
import type { Me, RoomListEntry } from "@multichat/protocol";
import { mayModerate } from "../../policies/room-policy.ts";

type Slowed = Pick<RoomListEntry, "kind" | "role" | "slowModeSeconds">;

/**
 * Until when somebody waits for their next message, in milliseconds since 1970, by what they wrote last as far as it is loaded; null:
 * not at all. Moderators do not wait.
 */
export function slowUntil(me: Me, room: Slowed, items: readonly TimelineItem[]): number | null {
  if (room.slowModeSeconds === 0 || mayModerate(me, room)) return null;
  const written = items.findLast(isWritten);
  if (written?.kind === "message") return written.message.createdAt + room.slowModeSeconds * 1000;
  if (written?.kind === "pending") return written.pending.createdAt + room.slowModeSeconds * 1000;
  return null;
}

/** What waits to be sent is the next message already; what was refused is none. */
function isWritten(item: TimelineItem): boolean {
  return (item.kind === "message" && item.own) || (item.kind === "pending" && item.pending.state !== "failed");
}
