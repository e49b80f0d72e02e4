import type { RoomListEntry } from "@multichat/protocol";

/** A room in somebody's list: open, read, of which one is a member, but for what is said. */
export function roomEntry(fields: Partial<RoomListEntry> & Pick<RoomListEntry, "number">): RoomListEntry {
  return {
    id: `room-${fields.number}`,
    title: `Room ${fields.number}`,
    topic: "",
    kind: "open",
    staffOnly: false,
    archived: false,
    slowModeSeconds: 0,
    people: [],
    lastSeq: 0,
    createdAt: 0,
    role: "member",
    mutedUntil: null,
    unread: 0,
    mentions: 0,
    ...fields,
  };
}
