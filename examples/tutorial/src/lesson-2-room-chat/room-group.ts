import { createHash } from "node:crypto";

/**
 * Returns the group of a room. A room may have any name, in any script; a group name has fewer than 100 ASCII letters,
 * digits, "-", "_" and ".". A hash fits, and differs for different rooms.
 */
export function roomGroup(room: string): string {
  return `room_${createHash("sha256").update(room).digest("hex").slice(0, 40)}`;
}
