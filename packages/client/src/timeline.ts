import type { Message } from "@multichat/protocol";
import { addInterval, type Interval, subtractInterval } from "./intervals.ts";
import type { GapItem, TimelineItem } from "./room-snapshot.ts";

type MessageItem = Extract<TimelineItem, { kind: "message" }>;

/** The newest messages stay, wherever the person looks: they are what "jump to newest" shows. */
const KEPT_TAIL = 100;

/**
 * The messages of a room that are loaded, in order, and exactly which parts of the log are not: a hole is an interval of seqs,
 * never a guess.
 */
export class Timeline {
  readonly #ownBy: (message: Message) => boolean;
  #messages: MessageItem[] = [];
  /** Below and between what is loaded. Everything else up to the newest message is complete. */
  #unknown: readonly Interval[];
  #gapItems = new Map<string, GapItem>();

  /** An empty timeline of a log that reaches up to `seq`: all of it is unknown. */
  constructor(seq: number, ownBy: (message: Message) => boolean) {
    this.#ownBy = ownBy;
    this.#unknown = addInterval([], 1, seq);
  }

  get size(): number {
    return this.#messages.length;
  }

  get hasBefore(): boolean {
    const lowest = this.#unknown[0];
    const first = this.#messages[0];
    return lowest !== undefined && (first === undefined || lowest.lo < first.message.seq);
  }

  /** Where the page before the oldest message ends: the lowest seq that is known. */
  get knownFrom(): number {
    const lowest = this.#unknown[0];
    return this.hasBefore && lowest !== undefined ? lowest.hi + 1 : 1;
  }

  get oldestSeq(): number | undefined {
    return this.#messages[0]?.message.seq;
  }

  /** Nothing is missing at this place. */
  knows(seq: number): boolean {
    return !this.#unknown.some((i) => i.lo <= seq && seq <= i.hi);
  }

  /** After this seq nothing is missing. */
  get completeAfter(): number {
    return this.#unknown.at(-1)?.hi ?? 0;
  }

  /** Where other people's messages are, after that seq. */
  get othersComplete(): readonly number[] {
    const after = this.completeAfter;
    return this.#messages.filter(({ own, message }) => !own && message.seq > after).map(({ message }) => message.seq);
  }

  /** The newest messages, at most so many, without a hole between them and the end of the log. */
  tail(count: number): readonly Message[] {
    const after = this.completeAfter;
    const newest = this.#messages.slice(-count).filter((item) => item.message.seq > after);
    return newest.map((item) => item.message);
  }

  /** The next message of the log. */
  append(message: Message): void {
    this.#messages.push(this.#item(message));
  }

  /** The log went on from `lo` to `hi`, and what happened there is not known. */
  skip(lo: number, hi: number): void {
    this.#unknown = addInterval(this.#unknown, lo, hi);
  }

  /** These are all the messages from `lo` to `hi`. Others in the list are ignored. */
  learn(messages: readonly Message[], lo: number, hi: number): void {
    const news = messages.filter((m) => m.seq >= lo && m.seq <= hi && !this.knows(m.seq));
    this.#unknown = subtractInterval(this.#unknown, lo, hi);
    if (news.length === 0) return;
    const items = news.map((message) => this.#item(message));
    this.#messages = [...items, ...this.#messages].sort((a, b) => a.message.seq - b.message.seq);
  }

  /**
   * Keeps at most `max` messages: those around `focus` (null: the newest) and the newest hundred. Does nothing below `max`; above
   * it goes a tenth further, so that this is not done for every message.
   */
  trim(max: number, focus: number | null): boolean {
    const all = this.#messages;
    if (all.length <= max) return false;
    const movable = all.length - KEPT_TAIL;
    const kept = Math.floor(max * 0.9) - KEPT_TAIL;
    const at = focus === null ? -1 : all.findIndex((item) => item.message.seq >= focus);
    const middle = at === -1 ? movable : at;
    const start = Math.max(0, Math.min(middle - Math.floor(kept / 2), movable - kept));
    const end = start + kept;
    const firstKept = all[start];
    const lastKept = all[end - 1];
    const firstOfTail = all[movable];
    if (firstKept !== undefined && start > 0) this.skip(1, firstKept.message.seq - 1);
    if (lastKept !== undefined && firstOfTail !== undefined && end < movable) {
      this.skip(lastKept.message.seq + 1, firstOfTail.message.seq - 1);
    }
    this.#messages = [...all.slice(start, end), ...all.slice(movable)];
    return true;
  }

  /** Messages and the gaps between and after them. What is missing before the first is `hasBefore`. */
  items(): TimelineItem[] {
    const first = this.oldestSeq;
    const gaps = first === undefined ? [] : this.#unknown.filter((i) => i.lo > first);
    if (gaps.length === 0) return [...this.#messages];
    const items: TimelineItem[] = [];
    const gapItems = new Map<string, GapItem>();
    const close = (gap: Interval) => {
      const item = this.#gapItem(gap);
      gapItems.set(item.key, item);
      items.push(item);
    };
    let next = 0;
    for (const message of this.#messages) {
      for (let gap = gaps[next]; gap !== undefined && gap.lo < message.message.seq; gap = gaps[next]) {
        close(gap);
        next += 1;
      }
      items.push(message);
    }
    for (const gap of gaps.slice(next)) close(gap);
    this.#gapItems = gapItems;
    return items;
  }

  #gapItem(gap: Interval): GapItem {
    const key = `gap:${gap.lo}:${gap.hi}`;
    return this.#gapItems.get(key) ?? { kind: "gap", key, after: gap.lo - 1, before: gap.hi + 1 };
  }

  #item(message: Message): MessageItem {
    const own = this.#ownBy(message);
    return { kind: "message", key: own ? message.clientId : message.id, message, own };
  }
}
