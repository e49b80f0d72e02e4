import type { LogEvent } from "@multichat/protocol";

/** The most events that wait for an earlier one. An event that is dropped is fetched later, so the limit costs one request. */
const MAX_HELD_EVENTS = 1_000;

/** How far a room's log was applied. Takes events in any order and number, and returns each once and in order. */
export class LogCursor {
  #seq: number;
  #highestSeq: number;
  readonly #held = new Map<number, LogEvent>();

  constructor(seq: number) {
    this.#seq = seq;
    this.#highestSeq = seq;
  }

  /** The seq of the last event that was taken. */
  get seq(): number {
    return this.#seq;
  }

  /** Whether the log is known to contain events that were not taken. */
  get isBehind(): boolean {
    return this.#highestSeq > this.#seq;
  }

  /** Holds an event until `take` returns it. */
  offer(event: LogEvent): void {
    if (event.seq <= this.#seq) return;
    this.noteSeq(event.seq);
    if (this.#held.size < MAX_HELD_EVENTS || event.seq === this.#seq + 1) this.#held.set(event.seq, event);
  }

  /** The log contains an event with this seq. */
  noteSeq(seq: number): void {
    this.#highestSeq = Math.max(this.#highestSeq, seq);
  }

  /** Continues after a later seq, without the events up to it. */
  skipTo(seq: number): void {
    if (seq <= this.#seq) return;
    this.#seq = seq;
    this.noteSeq(seq);
    for (const held of this.#held.keys()) if (held <= seq) this.#held.delete(held);
  }

  /** Returns the next event; undefined when it has not arrived. */
  take(): LogEvent | undefined {
    const event = this.#held.get(this.#seq + 1);
    if (event === undefined) return undefined;
    this.#held.delete(event.seq);
    this.#seq = event.seq;
    return event;
  }

  /** Drops the held events: their connection has closed, and the next one begins with the missing events. */
  dropHeld(): void {
    this.#held.clear();
    this.#highestSeq = this.#seq;
  }
}
