import type { Clock, ClockTimer } from "../layer/clock.ts";

interface PausableTimer {
  timer: ClockTimer | undefined;
  readonly callback: () => void;
}

/**
 * A clock for one "process" of a test. Halted, none of its timers fires any more: to everybody else the process has
 * died without a word, or stands still. Resumed, what fell due meanwhile fires at once.
 */
export class PausableClock implements Clock {
  readonly #clock: Clock;
  readonly #overdue = new Set<PausableTimer>();
  #isPaused = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, ms: number): ClockTimer {
    const held: PausableTimer = { timer: undefined, callback };
    held.timer = this.#clock.setTimeout(() => {
      if (this.#isPaused) this.#overdue.add(held);
      else callback();
    }, ms);
    return held;
  }

  clearTimeout(timer: ClockTimer): void {
    // Timers of this clock come from the method above.
    const held = timer as PausableTimer;
    this.#overdue.delete(held);
    if (held.timer !== undefined) this.#clock.clearTimeout(held.timer);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const overdue = [...this.#overdue];
    this.#overdue.clear();
    for (const { callback } of overdue) callback();
  }
}
