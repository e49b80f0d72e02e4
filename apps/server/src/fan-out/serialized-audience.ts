import type { SerializedAudience } from "./chat-events.ts";
import type { RoomVisibility } from "./last-broadcast-rooms.ts";

/** Turns the members and bans of a room into plain data. */
export function serializeAudience({ members, banned }: Pick<RoomVisibility, "members" | "banned">): SerializedAudience {
  return { members: members === null ? null : [...members], banned: [...banned] };
}
