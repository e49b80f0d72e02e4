import type { Interval } from "../../core/intervals.ts";
import type { GapItem, TimelineItem } from "../../model/room-snapshot.ts";

export type MessageItem = Extract<TimelineItem, { kind: "message" }>;
export type EventItem = Extract<TimelineItem, { kind: "event" }>;

export interface ItemsWithGaps {
  readonly items: readonly TimelineItem[];
  readonly gapItems: ReadonlyMap<string, GapItem>;
}

/**
 * Merges messages and events by seq, and inserts an item for each gap.
 * @param previousGapItems the items of the last call, which are used again for the same gaps
 */
export function insertGaps(
  messages: readonly MessageItem[],
  events: readonly EventItem[],
  gaps: readonly Interval[],
  previousGapItems: ReadonlyMap<string, GapItem>,
): ItemsWithGaps {
  const merged = mergeBySeq(messages, events);
  if (gaps.length === 0) return { items: merged, gapItems: previousGapItems };
  const items: TimelineItem[] = [];
  const gapItems = new Map<string, GapItem>();
  const pushGap = (gap: Interval) => {
    const item = toGapItem(gap, previousGapItems);
    gapItems.set(item.key, item);
    items.push(item);
  };
  let next = 0;
  for (const item of merged) {
    for (let gap = gaps[next]; gap !== undefined && gap.lo < seqOf(item); gap = gaps[next]) {
      pushGap(gap);
      next += 1;
    }
    items.push(item);
  }
  for (const gap of gaps.slice(next)) pushGap(gap);
  return { items, gapItems };
}

function toGapItem({ lo, hi }: Interval, previous: ReadonlyMap<string, GapItem>): GapItem {
  const key = `gap:${lo}:${hi}`;
  return previous.get(key) ?? { kind: "gap", key, after: lo - 1, before: hi + 1 };
}

function seqOf(item: MessageItem | EventItem): number {
  return item.kind === "message" ? item.message.seq : item.event.seq;
}

function mergeBySeq(
  messages: readonly MessageItem[],
  events: readonly EventItem[],
): readonly (MessageItem | EventItem)[] {
  if (events.length === 0) return [...messages];
  const merged: (MessageItem | EventItem)[] = [];
  let next = 0;
  for (const message of messages) {
    for (let event = events[next]; event !== undefined && event.event.seq < message.message.seq; event = events[next]) {
      merged.push(event);
      next += 1;
    }
    merged.push(message);
  }
  return [...merged, ...events.slice(next)];
}
