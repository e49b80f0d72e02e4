import { createHash } from "node:crypto";

/**
 * The group of a room. A room may have any name, in any script; a group's name is ASCII letters, digits, "-", "_" and ".",
 * and shorter than 100. A hash fits and keeps different rooms apart.
 */
export function roomGroup(room: string): string {
  return `room_${createHash("sha256").update(room).digest("hex").slice(0, 40)}`;
}
