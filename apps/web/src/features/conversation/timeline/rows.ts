import type { GapItem, OutboxMessage, RoomEvent, RoomNotice, TimelineItem } from "@multichat/client";
import type { Message } from "@multichat/protocol";

/** A line of the conversation as it is drawn. `head`: the first of its author's group, with name and time. */
export type Row =
  | { readonly kind: "beginning"; readonly key: string; readonly empty: boolean }
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "new"; readonly key: string }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: Message;
      readonly own: boolean;
      readonly head: boolean;
    }
  | { readonly kind: "pending"; readonly key: string; readonly pending: OutboxMessage; readonly head: boolean }
  | { readonly kind: "gap"; readonly key: string; readonly gap: GapItem }
  | { readonly kind: "event"; readonly key: string; readonly event: RoomEvent }
  | { readonly kind: "coming"; readonly key: string; readonly notice: RoomNotice };

/** How long one author's messages stay together, from the first one. */
export const GROUP_MS = 5 * 60_000;

interface Group {
  readonly author: string;
  readonly since: number;
}

export interface RowOptions {
  /** The id of the person who looks. */
  readonly userId: string;
  /** The "New" line stands before the first message of somebody else after this seq; null: no line. */
  readonly unreadAfter: number | null;
  /** Older messages exist than the first item: what is shown does not begin at the beginning. */
  readonly hasBefore: boolean;
  /** Who came and went; empty where that is not to be shown. */
  readonly notices: readonly RoomNotice[];
}

/** Rows that were made before, by their items: a row that is the same is the same object, and is not drawn again. */
export type RowCache = WeakMap<TimelineItem, Row>;

/** @returns what is drawn for a room's items: with day lines, the "New" line and notices between, grouped by author. */
export function buildRows(
  items: readonly TimelineItem[],
  { userId, unreadAfter, hasBefore, notices }: RowOptions,
  cache: RowCache = new WeakMap(),
): Row[] {
  const rows: Row[] = hasBefore ? [] : [{ kind: "beginning", key: "beginning", empty: isEmpty(items) }];
  // The day that the rows are in, as times: most messages are of the same day as the one before.
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

  function pushCached(item: TimelineItem, row: Row & { readonly head: boolean }): void {
    const cached = cache.get(item);
    if (cached !== undefined && "head" in cached && cached.head === row.head) rows.push(cached);
    else {
      cache.set(item, row);
      rows.push(row);
    }
  }

  function startGroup(author: string, at: number): boolean {
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
      // Somebody who comes and goes at once is told of once, as it stands now.
      const last = rows.at(-1);
      const isRepeated = last?.kind === "coming" && last.notice.user.id === notice.user.id;
      if (isRepeated && notice.at < tomorrow) rows.pop();
      // Never for a day after that of the message below: this device's clock may be ahead of the server's.
      if (notice.at >= tomorrow && notice.at <= until) startDay(notice.at);
      rows.push({ kind: "coming", key: `coming-${notice.key}`, notice });
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
          rows.push({ kind: "new", key: "new" });
          group = undefined;
          dividerDue = false;
        }
        const grouped = message.kind === "message" && message.author !== null;
        const head = grouped ? startGroup(message.author.id, message.createdAt) : true;
        if (!grouped) group = undefined;
        pushCached(item, { kind: "message", key: item.key, message, own, head });
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
        pushCached(item, {
          kind: "pending",
          key: item.key,
          pending: item.pending,
          head: startGroup(userId, item.pending.createdAt),
        });
        break;
    }
  }
  pushNoticesBefore(Number.POSITIVE_INFINITY);
  return rows;
}

/** Nobody has written: what happened in the room is no message. */
function isEmpty(items: readonly TimelineItem[]): boolean {
  return items.every((item) => item.kind === "event");
}
