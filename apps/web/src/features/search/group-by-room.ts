import type { SearchHit } from "@multichat/protocol";

export interface RoomGroup {
  readonly room: SearchHit["room"];
  readonly results: readonly SearchHit[];
}

/** Groups consecutive results of the same room. The order, newest first, stays. */
export function groupByRoom(found: readonly SearchHit[]): readonly RoomGroup[] {
  const groups: { room: SearchHit["room"]; results: SearchHit[] }[] = [];
  for (const result of found) {
    const last = groups.at(-1);
    if (last?.room.id === result.room.id) last.results.push(result);
    else groups.push({ room: result.room, results: [result] });
  }
  return groups;
}
