import { fullJitter } from "../core/backoff.ts";
import type { Clock } from "../core/clock.ts";
import { Signal } from "../core/signal.ts";

/** Times in which nothing is sent: at all, or to one room. */
export class OutboxPauses {
  /** A pause is over. */
  readonly ended = new Signal<void>();
  readonly #clock: Clock;
  readonly #random: () => number;
  #pausedUntil = 0;
  #pausesInARow = 0;
  #stopTimer: () => void = () => {};
  readonly #roomTimers = new Map<string, () => void>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get isPaused(): boolean {
    return this.#clock.now() < this.#pausedUntil;
  }

  isRoomPaused(room: string): boolean {
    return this.#roomTimers.has(room);
  }

  /** Pauses all rooms. Each pause that follows another is longer. */
  pauseAll(seconds: number): void {
    this.#pausesInARow += 1;
    const delayMs = seconds * 1000 + fullJitter(this.#pausesInARow, this.#random);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + delayMs);
    this.#stopTimer();
    this.#stopTimer = this.#clock.after(this.#pausedUntil - this.#clock.now(), () => this.ended.emit());
  }

  pauseRoom(room: string, seconds: number): void {
    this.#roomTimers.get(room)?.();
    const stopTimer = this.#clock.after(seconds * 1000, () => {
      this.#roomTimers.delete(room);
      this.ended.emit();
    });
    this.#roomTimers.set(room, stopTimer);
  }

  /** The server has accepted a message. */
  resetBackoff(): void {
    this.#pausesInARow = 0;
  }

  /** Ends all pauses: the limits of the next connection start again. */
  clear(): void {
    this.#pausedUntil = 0;
    this.#stopTimer();
    for (const stopTimer of this.#roomTimers.values()) stopTimer();
    this.#roomTimers.clear();
  }
}
