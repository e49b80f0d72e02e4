import type { MemberState } from "@multichat/protocol";

/** The highest count: 100 means "100 or more", as on the wire. */
const MAX_COUNT = 100;
/** The most messages remembered one by one. Some can be deleted, and a hundred must be left. */
const MAX_REMEMBERED = 2 * MAX_COUNT;

/** How far a user has read, as the server reports it. */
export type ReadState = Pick<MemberState, "readSeq" | "readRevision" | "unread" | "mentions">;

/** Where a read marker is. */
export type MarkerPlace = Pick<MemberState, "readSeq" | "readRevision">;

/**
 * Returns whether the first place replaces the second. Each move back has a revision of its own, so that of two places it is
 * always known which one is newer, whatever the order in which devices and servers learn of them.
 */
export function isLaterPlace(a: MarkerPlace, b: MarkerPlace): boolean {
  const [revision, other] = [a.readRevision ?? 0, b.readRevision ?? 0];
  return revision > other || (revision === other && a.readSeq > b.readSeq);
}

/** A message of another user that can be unread. */
export interface UnreadMessage {
  readonly id: string;
  readonly seq: number;
  /** Whether it mentions the user. */
  readonly mentions: boolean;
}

/**
 * Counts the unread messages of one room between the server's answers. The server reports counts as of some seq. Later messages
 * are remembered one by one, so that moving the marker among them, deleting and editing them is exact and needs no answer.
 */
export class UnreadCounter {
  #readSeq = 0;
  #readRevision = 0;
  /** The server's counts, as of `#asOfSeq`. */
  #base = { unread: 0, mentions: 0 };
  #asOfSeq = 0;
  /** Sorted by seq; all messages above `#knownFrom`. */
  #messages: UnreadMessage[] = [];
  #knownFrom = 0;
  /** Messages up to here were loaded by a page, which can be newer than the applied log. */
  #loadedUpTo = 0;
  /** The seq of the last edit or deletion that was applied. */
  #lastChangeSeq = 0;

  get readSeq(): number {
    return this.#readSeq;
  }

  /** How often the marker was moved back. */
  get readRevision(): number {
    return this.#readRevision;
  }

  /** Every message of another user after this seq is remembered. */
  get knownFrom(): number {
    return this.#knownFrom;
  }

  /** Whether the counts are independent of the server's. */
  get isExact(): boolean {
    return this.#readSeq >= this.#knownFrom;
  }

  get unread(): number {
    if (this.isExact) return Math.min(MAX_COUNT, this.#above(this.#readSeq).length);
    return Math.min(MAX_COUNT, this.#base.unread + this.#above(this.#asOfSeq).length);
  }

  get mentions(): number {
    if (this.isExact) return Math.min(MAX_COUNT, countMentions(this.#above(this.#readSeq)));
    return Math.min(MAX_COUNT, this.#base.mentions + countMentions(this.#above(this.#asOfSeq)));
  }

  /** The log is followed after this seq. */
  beginAt(seq: number): void {
    this.#messages = [];
    this.#knownFrom = seq;
    this.#loadedUpTo = 0;
    this.#lastChangeSeq = 0;
  }

  /** Adds loaded messages: all messages of others after `from` that were not remembered. */
  addOlder(from: number, messages: readonly UnreadMessage[]): void {
    if (from >= this.#knownFrom) return;
    const below = messages.filter(({ seq }) => seq > from && seq <= this.#knownFrom);
    this.#messages = [...below, ...this.#messages];
    this.#loadedUpTo = Math.max(this.#loadedUpTo, this.#knownFrom);
    this.#knownFrom = from;
    this.#dropOldest();
  }

  /** Adds the next message of another user. */
  add(message: UnreadMessage): void {
    this.#messages.push(message);
    this.#dropOldest();
  }

  /**
   * Applies the server's counts as of a seq. Returns false when they do not apply, because the marker has moved on since, or because
   * messages were edited or deleted since, which are not applied again.
   */
  applyServerCounts(state: ReadState, asOfSeq: number): boolean {
    if (isLaterPlace(this, state) || asOfSeq < this.#lastChangeSeq) return false;
    this.#readSeq = state.readSeq;
    this.#readRevision = state.readRevision ?? 0;
    this.#base = { unread: state.unread, mentions: state.mentions };
    this.#asOfSeq = asOfSeq;
    return true;
  }

  /** Moves the marker forward, before the server confirms it. Returns false when it does not move. */
  markRead(seq: number): boolean {
    if (seq <= this.#readSeq) return false;
    this.#readSeq = seq;
    return true;
  }

  /** Moves the marker back, before the server confirms it. Returns false when it is not after this seq. */
  markUnread(seq: number): boolean {
    return seq < this.#readSeq && this.moveTo({ readSeq: seq, readRevision: this.#readRevision + 1 });
  }

  /** Moves the marker to where it is by now. Returns false when that is no news. */
  moveTo(place: MarkerPlace): boolean {
    if (!isLaterPlace(place, this)) return false;
    const hasMovedBack = place.readSeq < this.#readSeq;
    this.#readSeq = place.readSeq;
    this.#readRevision = place.readRevision ?? 0;
    // The server's counts began after the previous place. At least what is remembered is unread, until the server counts again.
    if (hasMovedBack && !this.isExact) {
      this.#base = { unread: this.#messages.length, mentions: countMentions(this.#messages) };
      this.#asOfSeq = Math.max(this.#asOfSeq, this.#knownFrom, this.#messages.at(-1)?.seq ?? 0);
    }
    return true;
  }

  /**
   * The message was deleted by the event with the seq `eventSeq`.
   * Returns false where it is not known whether the message was counted, so that the server has to be asked.
   */
  remove(id: string, eventSeq: number): boolean {
    this.#lastChangeSeq = eventSeq;
    const removed = this.#messages.find((message) => message.id === id);
    if (removed === undefined) return this.isExact || eventSeq <= this.#asOfSeq;
    this.#messages = this.#messages.filter((message) => message !== removed);
    return this.#subtractCounted(removed, eventSeq, { unread: 1, mentions: removed.mentions ? 1 : 0 });
  }

  /** The message was edited by the event with the seq `eventSeq`, which can change whom it mentions. Returns as `remove`. */
  edit({ id, seq, mentions }: UnreadMessage, eventSeq: number): boolean {
    this.#lastChangeSeq = eventSeq;
    const previous = this.#messages.find((message) => message.id === id);
    // A message that is not remembered was read, or the server has counted it as it was at the time.
    if (previous === undefined) return this.isExact || eventSeq <= this.#asOfSeq || seq <= this.#readSeq;
    if (previous.mentions === mentions) {
      // A loaded message can include this edit already, while the server may have counted it as it was before.
      return seq > this.#loadedUpTo || !this.#wasCountedBefore(previous, eventSeq);
    }
    this.#messages = this.#messages.map((message) => (message === previous ? { ...message, mentions } : message));
    return this.#subtractCounted(previous, eventSeq, { unread: 0, mentions: mentions ? -1 : 1 });
  }

  /** Subtracts from the server's counts what they included. Returns false where a count means "or more". */
  #subtractCounted(
    message: UnreadMessage,
    eventSeq: number,
    { unread, mentions }: { readonly unread: number; readonly mentions: number },
  ): boolean {
    if (!this.#wasCountedBefore(message, eventSeq)) return true;
    const base = this.#base;
    this.#base = { unread: Math.max(0, base.unread - unread), mentions: Math.max(0, base.mentions - mentions) };
    return (unread === 0 || base.unread < MAX_COUNT) && (mentions === 0 || base.mentions < MAX_COUNT);
  }

  /** Whether the server's counts are used, and include this message as it was before the event. */
  #wasCountedBefore({ seq }: UnreadMessage, eventSeq: number): boolean {
    return !this.isExact && seq <= this.#asOfSeq && seq > this.#readSeq && eventSeq > this.#asOfSeq;
  }

  #dropOldest(): void {
    const excess = this.#messages.length - MAX_REMEMBERED;
    if (excess <= 0) return;
    this.#knownFrom = this.#messages[excess - 1]?.seq ?? this.#knownFrom;
    this.#messages = this.#messages.slice(excess);
  }

  #above(seq: number): readonly UnreadMessage[] {
    let from = this.#messages.length;
    while (from > 0 && (this.#messages[from - 1]?.seq ?? 0) > seq) from -= 1;
    return this.#messages.slice(from);
  }
}

function countMentions(messages: readonly UnreadMessage[]): number {
  return messages.filter(({ mentions }) => mentions).length;
}
