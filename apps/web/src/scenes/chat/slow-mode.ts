import type { TimelineItem } from "@multichat/client";
import type { Me, RoomListEntry } from "@multichat/protocol";
import { mayModerate } from "../../stores/rights.ts";

type Slowed = Pick<RoomListEntry, "kind" | "role" | "slowModeSeconds">;

/**
 * Until when somebody waits for their next message, in milliseconds since 1970, by what they wrote last as far as it is loaded; null:
 * not at all. Moderators do not wait.
 */
export function slowUntil(me: Me, room: Slowed, items: readonly TimelineItem[]): number | null {
  if (room.slowModeSeconds === 0 || mayModerate(me, room)) return null;
  const written = items.findLast((item) => item.kind === "pending" || (item.kind === "message" && item.own));
  if (written?.kind === "message") return written.message.createdAt + room.slowModeSeconds * 1000;
  // What waits to be sent is the next message already.
  if (written?.kind === "pending" && written.pending.state !== "failed") {
    return written.pending.createdAt + room.slowModeSeconds * 1000;
  }
  return null;
}
