import type { RoomListEntry } from "@multichat/protocol";

/** Unread messages of all rooms. */
export interface UnreadTotals {
  /** Messages in rooms that are not archived. */
  readonly unread: number;
  /** Those that address the user: mentions, and everything in direct conversations. */
  readonly mentions: number;
}

export function countUnread(rooms: readonly RoomListEntry[]): UnreadTotals {
  let unread = 0;
  let mentions = 0;
  for (const room of rooms) {
    if (room.archived) continue;
    unread += room.unread;
    mentions += room.kind === "direct" ? room.unread : room.mentions;
  }
  return { unread, mentions };
}

/** Returns the tab's title: the unread count, the page, the product. */
export function formatTitle(pageName: string, { unread }: Pick<UnreadTotals, "unread">): string {
  const count = unread === 0 ? "" : unread >= 100 ? "(99+) " : `(${unread}) `;
  return `${count}${pageName === "" ? "" : `${pageName} · `}Multichat`;
}
