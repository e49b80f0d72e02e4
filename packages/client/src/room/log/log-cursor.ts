import type { LogEvent } from "@multichat/protocol";

/** Events that wait for an earlier one, at most. What does not fit is asked for again, so a small number costs only a question. */
const MAX_HELD = 1_000;

/**
 * How far a room's log has been applied. Events may be offered doubled, late and with holes; out come all of them once and in
 * order, or nothing until the hole is filled.
 */
export class LogCursor {
  #seq: number;
  #highest: number;
  readonly #held = new Map<number, LogEvent>();

  constructor(seq: number) {
    this.#seq = seq;
    this.#highest = seq;
  }

  /** The seq of the last event that came out. */
  get seq(): number {
    return this.#seq;
  }

  /** The log is known to go on beyond what has come out. */
  get behind(): boolean {
    return this.#highest > this.#seq;
  }

  /** Keeps an event; `take` gives it out when its turn has come. */
  offer(event: LogEvent): void {
    if (event.seq <= this.#seq) return;
    this.note(event.seq);
    if (this.#held.size < MAX_HELD || event.seq === this.#seq + 1) this.#held.set(event.seq, event);
  }

  /** The log reaches at least to here. */
  note(seq: number): void {
    this.#highest = Math.max(this.#highest, seq);
  }

  /** Goes to a later place without the events in between. */
  jump(seq: number): void {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.note(seq);
    for (const held of this.#held.keys()) if (held <= seq) this.#held.delete(held);
  }

  /** The next event, if it is here. */
  take(): LogEvent | undefined {
    const event = this.#held.get(this.#seq + 1);
    if (event === undefined) return undefined;
    this.#held.delete(event.seq);
    this.#seq = event.seq;
    return event;
  }

  /** Forgets what waits: the connection that it came by is gone, and the next one begins with what is missing. */
  drop(): void {
    this.#held.clear();
    this.#highest = this.#seq;
  }
}
