import type { GapItem, OutboxMessage, RoomEvent, RoomNotice, TimelineItem } from "@multichat/client";
import type { Message } from "@multichat/protocol";

/** A row of the conversation. `startsGroup`: the first of consecutive messages by one author, with name and time. */
export type Row =
  | { readonly kind: "beginning"; readonly key: string; readonly empty: boolean }
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "unread"; readonly key: string }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: Message;
      readonly own: boolean;
      readonly startsGroup: boolean;
    }
  | { readonly kind: "pending"; readonly key: string; readonly pending: OutboxMessage; readonly startsGroup: boolean }
  | { readonly kind: "gap"; readonly key: string; readonly gap: GapItem }
  | { readonly kind: "event"; readonly key: string; readonly event: RoomEvent }
  | { readonly kind: "presence"; readonly key: string; readonly notice: RoomNotice };

/** An author's messages are grouped for this long, counted from the first one. */
export const GROUP_MS = 5 * 60_000;

interface Group {
  readonly author: string;
  readonly since: number;
}

export interface RowOptions {
  /** The id of the signed-in user. */
  readonly userId: string;
  /** The "New" divider stands before the first message by another user after this seq; null: no divider. */
  readonly unreadAfter: number | null;
  /** Older messages than the first item exist but are not loaded. */
  readonly hasBefore: boolean;
  /** Presence notices; empty when they are not shown. */
  readonly notices: readonly RoomNotice[];
}

/** Caches rows by item: an unchanged row stays the same object and is not rendered again. */
export type RowCache = WeakMap<TimelineItem, Row>;

/** Builds the rows of a room's items, with day and "New" dividers and presence notices between them, grouped by author. */
export function buildRows(
  items: readonly TimelineItem[],
  { userId, unreadAfter, hasBefore, notices }: RowOptions,
  cache: RowCache = new WeakMap(),
): Row[] {
  const rows: Row[] = hasBefore ? [] : [{ kind: "beginning", key: "beginning", empty: isEmpty(items) }];
  // The bounds of the current day: most messages are of the same day as the one before.
  let today = 0;
  let tomorrow = 0;
  let group: Group | undefined;
  let dividerDue = unreadAfter !== null;
  let nextNotice = 0;

  function startDay(at: number): void {
    if (at >= today && at < tomorrow) return;
    const date = new Date(at);
    today = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
    tomorrow = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
    group = undefined;
    rows.push({ kind: "day", key: `day-${today}`, at });
  }

  function push(
    item: Extract<TimelineItem, { kind: "message" | "pending" }>,
    { startsGroup }: { readonly startsGroup: boolean },
  ): void {
    let row = cache.get(item);
    if (row === undefined || !("startsGroup" in row) || row.startsGroup !== startsGroup) {
      row = { ...item, startsGroup };
      cache.set(item, row);
    }
    rows.push(row);
  }

  /** Starts a new group unless this message continues the current one. @returns whether it started one */
  function beginGroup(author: string, at: number): boolean {
    if (group?.author === author && at - group.since < GROUP_MS && at >= group.since) return false;
    group = { author, since: at };
    return true;
  }

  function pushNoticesBefore(seq: number, until = Number.POSITIVE_INFINITY): void {
    for (
      let notice = notices[nextNotice];
      notice !== undefined && notice.afterSeq < seq;
      notice = notices[nextNotice]
    ) {
      // A user who enters and leaves repeatedly gets one notice, the latest.
      const last = rows.at(-1);
      const isRepeated = last?.kind === "presence" && last.notice.user.id === notice.user.id;
      if (isRepeated && notice.at < tomorrow) rows.pop();
      // Never a day later than that of the next message: this device's clock may be ahead of the server's.
      if (notice.at >= tomorrow && notice.at <= until) startDay(notice.at);
      rows.push({ kind: "presence", key: `presence-${notice.key}`, notice });
      group = undefined;
      nextNotice += 1;
    }
  }

  for (const item of items) {
    switch (item.kind) {
      case "message": {
        const { message, own } = item;
        pushNoticesBefore(message.seq, message.createdAt);
        startDay(message.createdAt);
        if (dividerDue && unreadAfter !== null && message.seq > unreadAfter && !own) {
          rows.push({ kind: "unread", key: "unread" });
          group = undefined;
          dividerDue = false;
        }
        const grouped = message.kind === "message" && message.author !== null;
        const startsGroup = grouped ? beginGroup(message.author.id, message.createdAt) : true;
        if (!grouped) group = undefined;
        push(item, { startsGroup });
        break;
      }
      case "gap":
        group = undefined;
        rows.push({ kind: "gap", key: item.key, gap: item });
        break;
      case "event":
        pushNoticesBefore(item.event.seq);
        group = undefined;
        rows.push({ kind: "event", key: item.key, event: item.event });
        break;
      case "pending":
        pushNoticesBefore(Number.POSITIVE_INFINITY);
        startDay(item.pending.createdAt);
        push(item, { startsGroup: beginGroup(userId, item.pending.createdAt) });
        break;
    }
  }
  pushNoticesBefore(Number.POSITIVE_INFINITY);
  return rows;
}

/** Whether the room has no messages; events do not count. */
function isEmpty(items: readonly TimelineItem[]): boolean {
  return items.every((item) => item.kind === "event");
}
