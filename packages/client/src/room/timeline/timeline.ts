import type { LogEvent, Message } from "@multichat/protocol";
import { addInterval, type Interval, subtractInterval } from "../../core/intervals.ts";
import {
  changed,
  changedMessage,
  isMessageChange,
  type MessageChange,
  requoted,
  seenBy,
} from "../../model/message-changes.ts";
import type { GapItem, RoomEvent, TimelineItem } from "../../model/room-snapshot.ts";

export type MessageItem = Extract<TimelineItem, { kind: "message" }>;
export type EventItem = Extract<TimelineItem, { kind: "event" }>;

/** The newest messages stay, wherever the person looks: they are what "jump to newest" shows. */
const KEPT_TAIL = 100;
/** Events between the messages, at most. */
const MAX_EVENTS = 200;

export interface TimelineViewer {
  /** The id of the person who looks. */
  me(): string | undefined;
  isOwn(message: Message): boolean;
}

/**
 * The messages of a room that are loaded, in order, as they are at the place that the log is applied to, and exactly which parts of the
 * log are not: a hole is an interval of seqs, never a guess.
 */
export class Timeline {
  readonly #viewer: TimelineViewer;
  #messages: MessageItem[] = [];
  readonly #places = new Map<string, number>();
  /** Below and between what is loaded. Everything else up to the newest message is complete. */
  #unknown: readonly Interval[];
  /** What is shown here may have changed since: the log went on without telling what happened. To be read again. */
  #doubtful: readonly Interval[] = [];
  #events: readonly EventItem[] = [];
  #gapItems = new Map<string, GapItem>();

  /** An empty timeline of a log that reaches up to `seq`: all of it is unknown. */
  constructor(seq: number, viewer: TimelineViewer) {
    this.#viewer = viewer;
    this.#unknown = addInterval([], 1, seq);
  }

  get size(): number {
    return this.#messages.length;
  }

  get hasBefore(): boolean {
    const lowest = this.#unknown[0];
    const first = this.#firstSeq;
    return lowest !== undefined && (first === undefined || lowest.lo < first);
  }

  /** Where the page before the oldest item ends: the seq from which on nothing is missing before it. */
  get knownFrom(): number {
    const first = this.#firstSeq ?? Number.POSITIVE_INFINITY;
    return (this.#unknown.findLast(({ lo }) => lo < first)?.hi ?? 0) + 1;
  }

  get oldestSeq(): number | undefined {
    return this.#messages[0]?.message.seq;
  }

  /** Something is shown at this place, or nothing is there. */
  knows(seq: number): boolean {
    return !covers(this.#unknown, seq);
  }

  /** After this seq nothing is missing, and nothing in doubt. */
  get completeAfter(): number {
    return Math.max(this.#unknown.at(-1)?.hi ?? 0, this.#doubtful.at(-1)?.hi ?? 0);
  }

  /** What is missing after the newest message. */
  get end(): Interval | undefined {
    const last = this.#unknown.at(-1);
    const newest = this.#messages.at(-1)?.message.seq ?? 0;
    return last !== undefined && last.lo > newest ? last : undefined;
  }

  /** The newest part that is to be read again. */
  get doubtful(): Interval | undefined {
    return this.#doubtful.at(-1);
  }

  /** Messages of other people that are there to be read, after that seq. */
  get othersComplete(): readonly Message[] {
    const after = this.completeAfter;
    return this.#messages.flatMap(({ own, message }) =>
      own || message.seq <= after || message.deletedAt !== null ? [] : [message],
    );
  }

  /** The newest messages, at most so many, without a hole between them and the end of the log. */
  tail(count: number): readonly Message[] {
    const after = this.completeAfter;
    const newest = this.#messages.slice(-count).filter((item) => item.message.seq > after);
    return newest.map((item) => item.message);
  }

  /** The message as it is at the place that the log is applied to; undefined where it is not loaded, or in doubt. */
  sureMessage(id: string): Message | undefined {
    const message = this.message(id);
    return message === undefined || covers(this.#doubtful, message.seq) ? undefined : message;
  }

  /** The message as it was last told; undefined where it is not loaded. */
  message(id: string): Message | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#messages[this.#indexOf(place)]?.message;
  }

  /** The next message of the log. */
  append(message: Message): void {
    const item = this.#item(message);
    this.#messages.push(item);
    this.#places.set(message.id, message.seq);
  }

  /** The next event of the log, to be shown between the messages. */
  appendEvent(event: RoomEvent): void {
    const item: EventItem = { kind: "event", key: `event:${event.seq}`, event };
    this.#events = [...this.#events, item].slice(-MAX_EVENTS);
  }

  /** The next event of the log, about messages that may be loaded, and those that answer them. */
  change(event: MessageChange): void {
    const me = this.#viewer.me();
    const place = this.#places.get(changedMessage(event));
    if (place !== undefined) this.#replace(this.#indexOf(place), (message) => changed(message, event, me));
    if (event.on !== "message.edited" && event.on !== "message.deleted") return;
    this.#messages.forEach(({ message }, index) => {
      if (message.replyTo !== null) this.#replace(index, (reply) => requoted(reply, event));
    });
  }

  /** The log went on from `lo` to `hi`, and what happened there is not known. */
  skip(lo: number, hi: number): void {
    this.#unknown = addInterval(this.#unknown, lo, hi);
    this.#doubtful = subtractInterval(this.#doubtful, lo, hi);
  }

  /** What is loaded may have changed: of it stay at most `count` messages, around `focus` (null: the newest), to be read again. */
  doubt(count: number, focus: number | null): void {
    const all = this.#messages;
    const at = focus === null ? -1 : all.findIndex((item) => item.message.seq >= focus);
    const middle = at === -1 ? all.length : at;
    const start = Math.max(0, Math.min(middle - Math.floor(count / 2), all.length - count));
    this.#keep([[start, start + count]]);
    const [first, last] = [this.#messages[0]?.message.seq, this.#messages.at(-1)?.message.seq];
    this.#doubtful = first === undefined || last === undefined ? [] : this.#knownWithin(first, last);
  }

  /** What could not be read again is not shown any more. */
  dropDoubtful(): void {
    const stays = this.#messages.filter((item) => !covers(this.#doubtful, item.message.seq));
    for (const { lo, hi } of this.#doubtful) this.#unknown = addInterval(this.#unknown, lo, hi);
    this.#doubtful = [];
    this.#settle(stays);
  }

  /**
   * These are all the messages from `lo` to `hi`, as of when they were asked for or later. Others in the list are ignored, and so are
   * those that are known: these have followed the log.
   * @param since what the log has told since they were asked for
   */
  learn(messages: readonly Message[], lo: number, hi: number, since: readonly LogEvent[]): void {
    const isNews = (seq: number) => seq >= lo && seq <= hi && (!this.knows(seq) || covers(this.#doubtful, seq));
    const news = messages
      .filter(({ seq }) => isNews(seq))
      .map((message) => this.#item(brought(message, since, this.#viewer)));
    const stays = this.#messages.filter((item) => !isNews(item.message.seq));
    this.#unknown = subtractInterval(this.#unknown, lo, hi);
    this.#doubtful = subtractInterval(this.#doubtful, lo, hi);
    if (news.length === 0 && stays.length === this.#messages.length) return;
    this.#settle([...news, ...stays].sort((a, b) => a.message.seq - b.message.seq));
  }

  /**
   * Keeps at most `max` messages: those around `focus` (null: the newest) and the newest hundred. Does nothing below `max`; above
   * it goes a tenth further, so that this is not done for every message.
   */
  trim(max: number, focus: number | null): void {
    const all = this.#messages;
    if (all.length <= max) return;
    const movable = all.length - KEPT_TAIL;
    const kept = Math.floor(max * 0.9) - KEPT_TAIL;
    const at = focus === null ? -1 : all.findIndex((item) => item.message.seq >= focus);
    const middle = at === -1 ? movable : at;
    const start = Math.max(0, Math.min(middle - Math.floor(kept / 2), movable - kept));
    this.#keep([
      [start, start + kept],
      [movable, all.length],
    ]);
  }

  /** Messages and events, and the gaps between and after them. What is missing before the first is `hasBefore`. */
  items(): TimelineItem[] {
    const first = this.#firstSeq;
    const lines = inOrder(this.#messages, this.#events);
    const gaps = first === undefined ? [] : this.#unknown.filter((i) => i.lo > first);
    if (gaps.length === 0) return lines;
    const items: TimelineItem[] = [];
    const gapItems = new Map<string, GapItem>();
    const close = (gap: Interval) => {
      const item = this.#gapItem(gap);
      gapItems.set(item.key, item);
      items.push(item);
    };
    let next = 0;
    for (const line of lines) {
      for (let gap = gaps[next]; gap !== undefined && gap.lo < seqOf(line); gap = gaps[next]) {
        close(gap);
        next += 1;
      }
      items.push(line);
    }
    for (const gap of gaps.slice(next)) close(gap);
    this.#gapItems = gapItems;
    return items;
  }

  get #firstSeq(): number | undefined {
    const [message, event] = [this.#messages[0]?.message.seq, this.#events[0]?.event.seq];
    return message === undefined || event === undefined ? (message ?? event) : Math.min(message, event);
  }

  /** Of all messages only these stretches stay, from one index to before another; what was between them is unknown. */
  #keep(stretches: readonly (readonly [from: number, to: number])[]): void {
    const all = this.#messages;
    const stays: MessageItem[] = [];
    let from = 1;
    let gone = 0;
    for (const [start, end] of stretches) {
      const kept = all.slice(start, end);
      const [first, last] = [kept[0], kept.at(-1)];
      if (first === undefined || last === undefined) continue;
      if (start > gone) this.skip(from, first.message.seq - 1);
      from = last.message.seq + 1;
      gone = start + kept.length;
      stays.push(...kept);
    }
    const last = all.at(-1);
    if (gone < all.length && last !== undefined) this.skip(from, last.message.seq);
    this.#settle(stays);
  }

  /** Everything from `lo` to `hi` but what is unknown. */
  #knownWithin(lo: number, hi: number): readonly Interval[] {
    return this.#unknown.reduce(
      (known, unknown) => subtractInterval(known, unknown.lo, unknown.hi),
      addInterval([], lo, hi),
    );
  }

  #settle(messages: MessageItem[]): void {
    this.#messages = messages;
    this.#places.clear();
    for (const { message } of messages) this.#places.set(message.id, message.seq);
    // An event at a place that is unknown again would stand beside the gap that it is in.
    if (this.#events.some(({ event }) => !this.knows(event.seq))) {
      this.#events = this.#events.filter(({ event }) => this.knows(event.seq));
    }
  }

  #replace(index: number, change: (message: Message) => Message): void {
    const item = this.#messages[index];
    if (item === undefined) return;
    const message = change(item.message);
    if (message !== item.message) this.#messages[index] = { ...item, message };
  }

  #indexOf(seq: number): number {
    let [low, high] = [0, this.#messages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#messages[middle]?.message.seq ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #gapItem(gap: Interval): GapItem {
    const key = `gap:${gap.lo}:${gap.hi}`;
    return this.#gapItems.get(key) ?? { kind: "gap", key, after: gap.lo - 1, before: gap.hi + 1 };
  }

  #item(given: Message): MessageItem {
    const message = seenBy(given, this.#viewer.me());
    const own = this.#viewer.isOwn(message);
    return { kind: "message", key: own ? message.clientId : message.id, message, own };
  }
}

/** The message as it is where the log stands, from how it was when it was asked for, or later. */
function brought(message: Message, since: readonly LogEvent[], viewer: TimelineViewer): Message {
  const me = viewer.me();
  let now = message;
  for (const event of since) if (isMessageChange(event)) now = requoted(changed(now, event, me), event);
  return now;
}

function covers(intervals: readonly Interval[], seq: number): boolean {
  return intervals.some((i) => i.lo <= seq && seq <= i.hi);
}

function seqOf(item: MessageItem | EventItem): number {
  return item.kind === "message" ? item.message.seq : item.event.seq;
}

function inOrder(messages: readonly MessageItem[], events: readonly EventItem[]): (MessageItem | EventItem)[] {
  if (events.length === 0) return [...messages];
  const lines: (MessageItem | EventItem)[] = [];
  let next = 0;
  for (const message of messages) {
    for (let event = events[next]; event !== undefined && event.event.seq < message.message.seq; event = events[next]) {
      lines.push(event);
      next += 1;
    }
    lines.push(message);
  }
  return [...lines, ...events.slice(next)];
}
