import type { MemberState } from "@multichat/protocol";

/** Counts end here: 100 means "100 or more", as on the wire. */
const MOST = 100;
/** Messages that are remembered one by one, at most: some may be deleted, and a hundred have to be left. */
const REMEMBERED = 2 * MOST;

/** What the server says of a person's reading. */
export type ReadState = Pick<MemberState, "readSeq" | "unread" | "mentions">;

/** A message of somebody else that is there to be read. */
export interface Countable {
  readonly id: string;
  readonly seq: number;
  /** It mentions the person. */
  readonly mentions: boolean;
}

/**
 * The unread counts of one room between the server's answers. The server says numbers as of some seq; messages that come later
 * are remembered one by one, so that moving the marker among them, deleting and editing them is exact and needs no answer.
 */
export class UnreadCounter {
  #readSeq = 0;
  #base = { unread: 0, mentions: 0 };
  #asOf = 0;
  /** By seq, growing; all that there are above `#knownFrom`. */
  #messages: Countable[] = [];
  #knownFrom = 0;
  /** Up to here messages were loaded, as they were when they were read: perhaps later than the log was applied. */
  #loadedTo = 0;

  get readSeq(): number {
    return this.#readSeq;
  }

  /** After this seq every message of somebody else is remembered. */
  get knownFrom(): number {
    return this.#knownFrom;
  }

  /** The counts do not depend on what the server says. */
  get exact(): boolean {
    return this.#readSeq >= this.#knownFrom;
  }

  get unread(): number {
    if (this.exact) return Math.min(MOST, this.#above(this.#readSeq).length);
    return Math.min(MOST, this.#base.unread + this.#above(this.#asOf).length);
  }

  get mentions(): number {
    if (this.exact) return Math.min(MOST, mentioning(this.#above(this.#readSeq)));
    return Math.min(MOST, this.#base.mentions + mentioning(this.#above(this.#asOf)));
  }

  /** The log is followed from here on. */
  follow(seq: number): void {
    this.#messages = [];
    this.#knownFrom = seq;
    this.#loadedTo = 0;
  }

  /** These are all messages of others after `from`, as far as they were not known. */
  extend(from: number, messages: readonly Countable[]): void {
    if (from >= this.#knownFrom) return;
    const below = messages.filter(({ seq }) => seq > from && seq <= this.#knownFrom);
    this.#messages = [...below, ...this.#messages];
    this.#loadedTo = Math.max(this.#loadedTo, this.#knownFrom);
    this.#knownFrom = from;
    this.#forgetOldest();
  }

  /** The next message of somebody else. */
  add(message: Countable): void {
    this.#messages.push(message);
    this.#forgetOldest();
  }

  /** What the server counted, as of a seq of the log. @returns false when the marker has moved on since: it says nothing then. */
  hear(state: ReadState, asOf: number): boolean {
    if (state.readSeq < this.#readSeq) return false;
    this.#readSeq = state.readSeq;
    this.#base = { unread: state.unread, mentions: state.mentions };
    this.#asOf = asOf;
    return true;
  }

  /** Moves the marker forward, before the server says so. @returns false when it was there already. */
  mark(seq: number): boolean {
    if (seq <= this.#readSeq) return false;
    this.#readSeq = seq;
    return true;
  }

  /**
   * The message was deleted by the log's event `at`.
   * @returns false where nobody can tell here whether it had counted: the server has to be asked.
   */
  remove(id: string, at: number): boolean {
    const removed = this.#messages.find((message) => message.id === id);
    if (removed === undefined) return this.exact || at <= this.#asOf;
    this.#messages = this.#messages.filter((message) => message !== removed);
    return this.#settle(removed, at, { unread: 1, mentions: removed.mentions ? 1 : 0 });
  }

  /** What the message says was changed by the event `at`, and with it whom it mentions. @returns as `remove`. */
  edit({ id, seq, mentions }: Countable, at: number): boolean {
    const before = this.#messages.find((message) => message.id === id);
    // Of one that is not remembered: it was read, or the server has counted it as it was then.
    if (before === undefined) return this.exact || at <= this.#asOf || seq <= this.#readSeq;
    if (before.mentions === mentions) {
      // Loaded as it was after this event already: the server may have counted it as it was before.
      return seq > this.#loadedTo || !this.#isCounted(before, at);
    }
    this.#messages = this.#messages.map((message) => (message === before ? { ...message, mentions } : message));
    return this.#settle(before, at, { unread: 0, mentions: mentions ? -1 : 1 });
  }

  /** Takes from the server's numbers what was counted in them. @returns false where they say "or more". */
  #settle(message: Countable, at: number, { unread, mentions }: { unread: number; mentions: number }): boolean {
    if (!this.#isCounted(message, at)) return true;
    const { unread: all, mentions: mentioning } = this.#base;
    this.#base = { unread: Math.max(0, all - unread), mentions: Math.max(0, mentioning - mentions) };
    return (unread === 0 || all < MOST) && (mentions === 0 || mentioning < MOST);
  }

  /** The server's numbers count, and say of this message what was so before the event `at`. */
  #isCounted({ seq }: Countable, at: number): boolean {
    return !this.exact && seq <= this.#asOf && seq > this.#readSeq && at > this.#asOf;
  }

  #forgetOldest(): void {
    const forgotten = this.#messages.length - REMEMBERED;
    if (forgotten <= 0) return;
    this.#knownFrom = this.#messages[forgotten - 1]?.seq ?? this.#knownFrom;
    this.#messages = this.#messages.slice(forgotten);
  }

  #above(seq: number): readonly Countable[] {
    let from = this.#messages.length;
    while (from > 0 && (this.#messages[from - 1]?.seq ?? 0) > seq) from -= 1;
    return this.#messages.slice(from);
  }
}

function mentioning(messages: readonly Countable[]): number {
  return messages.filter(({ mentions }) => mentions).length;
}
