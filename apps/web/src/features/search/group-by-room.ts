import type { SearchHit } from "@multichat/protocol";

export interface RoomGroup {
  readonly room: SearchHit["room"];
  readonly found: readonly SearchHit[];
}

/** What follows one another in the same room stands together; the order, newest first, stays. */
export function groupByRoom(found: readonly SearchHit[]): readonly RoomGroup[] {
  const groups: { room: SearchHit["room"]; found: SearchHit[] }[] = [];
  for (const one of found) {
    const last = groups.at(-1);
    if (last?.room.id === one.room.id) last.found.push(one);
    else groups.push({ room: one.room, found: [one] });
  }
  return groups;
}
