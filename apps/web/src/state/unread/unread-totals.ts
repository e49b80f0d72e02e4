import type { RoomListEntry } from "@multichat/protocol";

/** Unread messages of all rooms. */
export interface UnreadTotals {
  /** Messages in rooms that are not archived. */
  readonly unread: number;
  /** Those that address the user: mentions, and everything in direct conversations. */
  readonly mentions: number;
}

/** @param isMuted of a muted room, only mentions count */
export function countUnread(rooms: readonly RoomListEntry[], isMuted: (room: string) => boolean): UnreadTotals {
  let unread = 0;
  let mentions = 0;
  for (const room of rooms) {
    if (room.archived) continue;
    const counted = isMuted(room.id) ? room.mentions : room.unread;
    unread += counted;
    mentions += room.kind === "direct" ? counted : room.mentions;
  }
  return { unread, mentions };
}

/** Returns the tab's title: the unread count, the page, the product. */
export function formatTitle(pageName: string, { unread }: Pick<UnreadTotals, "unread">): string {
  const count = unread === 0 ? "" : unread >= 100 ? "(99+) " : `(${unread}) `;
  return `${count}${pageName === "" ? "" : `${pageName} · `}Multichat`;
}
