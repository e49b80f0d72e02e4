import type { Found } from "@multichat/protocol";

export interface RoomGroup {
  readonly room: Found["room"];
  readonly found: readonly Found[];
}

/** What follows one another in the same room stands together; the order, newest first, stays. */
export function groupByRoom(found: readonly Found[]): readonly RoomGroup[] {
  const groups: { room: Found["room"]; found: Found[] }[] = [];
  for (const one of found) {
    const last = groups.at(-1);
    if (last?.room.id === one.room.id) last.found.push(one);
    else groups.push({ room: one.room, found: [one] });
  }
  return groups;
}
