import type { LogEvent, Message } from "@multichat/protocol";
import { addInterval, contains, type Interval, subtractInterval } from "../../core/intervals.ts";
import {
  applyChange,
  applyChangeToQuote,
  changedMessageId,
  isMessageChange,
  type MessageChange,
  withOwnReactionsMarked,
} from "../../model/message-changes.ts";
import type { GapItem, RoomEvent, TimelineItem } from "../../model/room-snapshot.ts";
import { type EventItem, insertGaps, type MessageItem } from "./timeline-items.ts";

/** The newest messages always stay, because "jump to newest" shows them. */
const RETAINED_NEWEST = 100;
/** The most events that are shown between the messages. */
const MAX_EVENTS = 200;

/** The user for whom messages are shown. */
export interface Viewer {
  readonly userId: string | undefined;
  isOwn(message: Message): boolean;
}

/**
 * The loaded messages of a room in order, as they are at the applied seq, and exactly which parts of the log are missing: a gap
 * is an interval of seqs, never a guess.
 */
export class Timeline {
  readonly #viewer: Viewer;
  #messages: MessageItem[] = [];
  /** The seq of each loaded message, by the message's id. */
  readonly #seqs = new Map<string, number>();
  /** Missing below and between the loaded messages. Everything else up to the newest message is complete. */
  #missing: readonly Interval[];
  /** Loaded messages that may have changed since, because the log skipped events. They have to be loaded again. */
  #unverified: readonly Interval[] = [];
  #events: readonly EventItem[] = [];
  #gapItems: ReadonlyMap<string, GapItem> = new Map();

  /** Creates an empty timeline of a log that reaches up to `seq`, all of which is missing. */
  constructor(seq: number, viewer: Viewer) {
    this.#viewer = viewer;
    this.#missing = addInterval([], 1, seq);
  }

  get size(): number {
    return this.#messages.length;
  }

  /** Whether something is missing before the first item. */
  get hasBefore(): boolean {
    const lowest = this.#missing[0];
    const first = this.#firstSeq;
    return lowest !== undefined && (first === undefined || lowest.lo < first);
  }

  /** The seq from which on nothing is missing before the first item: the end of the page before it. */
  get knownFrom(): number {
    const first = this.#firstSeq ?? Number.POSITIVE_INFINITY;
    return (this.#missing.findLast(({ lo }) => lo < first)?.hi ?? 0) + 1;
  }

  get oldestSeq(): number | undefined {
    return this.#messages[0]?.message.seq;
  }

  /** After this seq nothing is missing or unverified. */
  get completeAfter(): number {
    return Math.max(this.#missing.at(-1)?.hi ?? 0, this.#unverified.at(-1)?.hi ?? 0);
  }

  /** What is missing after the newest message. */
  get missingEnd(): Interval | undefined {
    const last = this.#missing.at(-1);
    const newest = this.#messages.at(-1)?.message.seq ?? 0;
    return last !== undefined && last.lo > newest ? last : undefined;
  }

  /** The newest interval that has to be loaded again. */
  get unverified(): Interval | undefined {
    return this.#unverified.at(-1);
  }

  /** The messages of other users that are not deleted, in the complete part. */
  get unreadCandidates(): readonly Message[] {
    const after = this.completeAfter;
    return this.#messages.flatMap(({ own, message }) =>
      own || message.seq <= after || message.deletedAt !== null ? [] : [message],
    );
  }

  /** Whether the seq is not missing: a message is loaded there, or there is none. */
  isKnown(seq: number): boolean {
    return !contains(this.#missing, seq);
  }

  /** Returns the newest messages, at most `count`, that have no gap between them and the end of the log. */
  newest(count: number): readonly Message[] {
    const after = this.completeAfter;
    const newest = this.#messages.slice(-count).filter((item) => item.message.seq > after);
    return newest.map((item) => item.message);
  }

  /** Returns the message as it is at the applied seq; undefined where it is not loaded, or unverified. */
  verifiedMessage(id: string): Message | undefined {
    const message = this.message(id);
    return message === undefined || contains(this.#unverified, message.seq) ? undefined : message;
  }

  /** Returns the message as it was last received; undefined where it is not loaded. */
  message(id: string): Message | undefined {
    const seq = this.#seqs.get(id);
    return seq === undefined ? undefined : this.#messages[this.#indexOf(seq)]?.message;
  }

  /** Adds the next message of the log. */
  append(message: Message): void {
    const item = this.#toItem(message);
    this.#messages.push(item);
    this.#seqs.set(message.id, message.seq);
  }

  /** Adds the next event of the log, to be shown between the messages. */
  appendEvent(event: RoomEvent): void {
    const item: EventItem = { kind: "event", key: `event:${event.seq}`, event };
    this.#events = [...this.#events, item].slice(-MAX_EVENTS);
  }

  /** Applies the next event of the log to the message that it changes, and to the messages that quote it. */
  applyChange(event: MessageChange): void {
    const { userId } = this.#viewer;
    const seq = this.#seqs.get(changedMessageId(event));
    if (seq !== undefined) this.#update(this.#indexOf(seq), (message) => applyChange(message, event, userId));
    if (event.on !== "message.edited" && event.on !== "message.deleted") return;
    this.#messages.forEach(({ message }, index) => {
      if (message.replyTo !== null) this.#update(index, (reply) => applyChangeToQuote(reply, event));
    });
  }

  /** The log skipped the seqs from `lo` to `hi`. */
  markMissing(lo: number, hi: number): void {
    this.#missing = addInterval(this.#missing, lo, hi);
    this.#unverified = subtractInterval(this.#unverified, lo, hi);
  }

  /** The loaded messages may have changed. Keeps at most `count` of them, around `viewedSeq` (null: the newest), to be loaded again. */
  markUnverified(count: number, viewedSeq: number | null): void {
    const all = this.#messages;
    const index = viewedSeq === null ? -1 : all.findIndex((item) => item.message.seq >= viewedSeq);
    const middle = index === -1 ? all.length : index;
    const start = Math.max(0, Math.min(middle - Math.floor(count / 2), all.length - count));
    this.#keep([[start, start + count]]);
    const [first, last] = [this.#messages[0]?.message.seq, this.#messages.at(-1)?.message.seq];
    this.#unverified = first === undefined || last === undefined ? [] : this.#knownIntervals(first, last);
  }

  /** Drops the messages that could not be loaded again. */
  dropUnverified(): void {
    const remaining = this.#messages.filter((item) => !contains(this.#unverified, item.message.seq));
    for (const { lo, hi } of this.#unverified) this.#missing = addInterval(this.#missing, lo, hi);
    this.#unverified = [];
    this.#setMessages(remaining);
  }

  /**
   * Inserts a page: all messages from `lo` to `hi`, as they were when the page was requested, or later. Ignores messages outside
   * the interval, and those that are loaded, which have followed the log.
   * @param events the events applied since the page was requested
   */
  insert(messages: readonly Message[], lo: number, hi: number, events: readonly LogEvent[]): void {
    const isNew = (seq: number) => seq >= lo && seq <= hi && (!this.isKnown(seq) || contains(this.#unverified, seq));
    const added = messages
      .filter(({ seq }) => isNew(seq))
      .map((message) => this.#toItem(applyEvents(message, events, this.#viewer.userId)));
    const remaining = this.#messages.filter((item) => !isNew(item.message.seq));
    this.#missing = subtractInterval(this.#missing, lo, hi);
    this.#unverified = subtractInterval(this.#unverified, lo, hi);
    if (added.length === 0 && remaining.length === this.#messages.length) return;
    this.#setMessages([...added, ...remaining].sort((a, b) => a.message.seq - b.message.seq));
  }

  /**
   * Drops messages so that at most `max` stay: those around `viewedSeq` (null: the newest), and the newest hundred. Does nothing
   * up to `max`; above it drops a tenth more, so that it need not run for every message.
   */
  trim(max: number, viewedSeq: number | null): void {
    const all = this.#messages;
    if (all.length <= max) return;
    const movable = all.length - RETAINED_NEWEST;
    const retained = Math.floor(max * 0.9) - RETAINED_NEWEST;
    const index = viewedSeq === null ? -1 : all.findIndex((item) => item.message.seq >= viewedSeq);
    const middle = index === -1 ? movable : index;
    const start = Math.max(0, Math.min(middle - Math.floor(retained / 2), movable - retained));
    this.#keep([
      [start, start + retained],
      [movable, all.length],
    ]);
  }

  /** Returns messages and events with the gaps between and after them. `hasBefore` says what is missing before the first. */
  items(): readonly TimelineItem[] {
    const first = this.#firstSeq;
    const gaps = first === undefined ? [] : this.#missing.filter(({ lo }) => lo > first);
    const { items, gapItems } = insertGaps(this.#messages, this.#events, gaps, this.#gapItems);
    this.#gapItems = gapItems;
    return items;
  }

  get #firstSeq(): number | undefined {
    const [message, event] = [this.#messages[0]?.message.seq, this.#events[0]?.event.seq];
    return message === undefined || event === undefined ? (message ?? event) : Math.min(message, event);
  }

  /** Keeps these ranges of messages (`end` excluded), and marks the rest as missing. */
  #keep(ranges: readonly (readonly [start: number, end: number])[]): void {
    const all = this.#messages;
    const remaining: MessageItem[] = [];
    let missingFrom = 1;
    let nextIndex = 0;
    for (const [start, end] of ranges) {
      const range = all.slice(start, end);
      const [first, last] = [range[0], range.at(-1)];
      if (first === undefined || last === undefined) continue;
      if (start > nextIndex) this.markMissing(missingFrom, first.message.seq - 1);
      missingFrom = last.message.seq + 1;
      nextIndex = start + range.length;
      remaining.push(...range);
    }
    const last = all.at(-1);
    if (nextIndex < all.length && last !== undefined) this.markMissing(missingFrom, last.message.seq);
    this.#setMessages(remaining);
  }

  /** Returns the parts between `lo` and `hi` that are not missing. */
  #knownIntervals(lo: number, hi: number): readonly Interval[] {
    return this.#missing.reduce(
      (known, missing) => subtractInterval(known, missing.lo, missing.hi),
      addInterval([], lo, hi),
    );
  }

  #setMessages(messages: MessageItem[]): void {
    this.#messages = messages;
    this.#seqs.clear();
    for (const { message } of messages) this.#seqs.set(message.id, message.seq);
    // An event inside a gap would be shown beside it.
    if (this.#events.some(({ event }) => !this.isKnown(event.seq))) {
      this.#events = this.#events.filter(({ event }) => this.isKnown(event.seq));
    }
  }

  #update(index: number, change: (message: Message) => Message): void {
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

  #toItem(received: Message): MessageItem {
    const message = withOwnReactionsMarked(received, this.#viewer.userId);
    const own = this.#viewer.isOwn(message);
    return { kind: "message", key: own ? message.clientId : message.id, message, own };
  }
}

/** Returns the message as it is at the applied seq, from a page that was requested before the events. */
function applyEvents(received: Message, events: readonly LogEvent[], userId: string | undefined): Message {
  let message = received;
  for (const event of events) {
    if (isMessageChange(event)) message = applyChangeToQuote(applyChange(message, event, userId), event);
  }
  return message;
}
