import type { MemberState } from "@multichat/protocol";

/** Counts end here: 100 means "100 or more", as on the wire. */
const MOST = 100;

/**
 * The unread count of one room between the server's answers. The server says a number as of some seq; messages that come later
 * are remembered one by one, so that moving the marker among them is exact and needs no answer.
 */
export class UnreadCount {
  #readSeq = 0;
  #base = 0;
  #baseMentions = 0;
  #asOf = 0;
  /** Seqs of messages of others, growing, the newest hundred; all of those above `#knownFrom` unless they are a hundred. */
  #seqs: number[] = [];
  #knownFrom = 0;

  get readSeq(): number {
    return this.#readSeq;
  }

  /** After this seq every message of somebody else is remembered, up to a hundred. */
  get knownFrom(): number {
    return this.#knownFrom;
  }

  get unread(): number {
    if (this.exact) return this.#above(this.#readSeq);
    return Math.min(MOST, this.#base + this.#above(this.#asOf));
  }

  get mentions(): number {
    return this.#readSeq >= this.#asOf ? 0 : this.#baseMentions;
  }

  /** The log is followed from here on. */
  follow(seq: number): void {
    this.#seqs = [];
    this.#knownFrom = seq;
  }

  /** Messages of others after `from` were loaded: those that lie below what is known. */
  extend(from: number, seqs: readonly number[]): void {
    if (from >= this.#knownFrom) return;
    const below = seqs.filter((seq) => seq > from && seq <= this.#knownFrom);
    this.#seqs = [...below, ...this.#seqs].slice(-MOST);
    this.#knownFrom = from;
  }

  /** The count does not depend on what the server says. */
  get exact(): boolean {
    return this.#readSeq >= this.#knownFrom;
  }

  /** A message of somebody else. */
  add(seq: number): void {
    this.#seqs.push(seq);
    if (this.#seqs.length > MOST) this.#seqs.shift();
  }

  /** What the server counted, as of a seq of the log. @returns false when the marker has moved on since: it says nothing then. */
  hear(state: MemberState, asOf: number): boolean {
    if (state.readSeq < this.#readSeq) return false;
    this.#readSeq = state.readSeq;
    this.#base = state.unread;
    this.#baseMentions = state.mentions;
    this.#asOf = asOf;
    return true;
  }

  /** Moves the marker forward, before the server says so. @returns false when it was there already. */
  mark(seq: number): boolean {
    if (seq <= this.#readSeq) return false;
    this.#readSeq = seq;
    return true;
  }

  #above(seq: number): number {
    let count = 0;
    for (let i = this.#seqs.length - 1; i >= 0 && (this.#seqs[i] ?? 0) > seq; i -= 1) count += 1;
    return count;
  }
}
