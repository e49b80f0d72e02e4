import type { Clock, ClockTimer } from "../layer/clock.ts";

interface PausableTimer {
  timer: ClockTimer | undefined;
  readonly callback: () => void;
}

/**
 * The clock of one simulated process. While it is paused, no timer fires, as if the process had crashed or were
 * suspended. When it is resumed, the overdue timers fire immediately.
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
    const pausable: PausableTimer = { timer: undefined, callback };
    pausable.timer = this.#clock.setTimeout(() => {
      if (this.#isPaused) this.#overdue.add(pausable);
      else callback();
    }, ms);
    return pausable;
  }

  clearTimeout(timer: ClockTimer): void {
    // Timers of this clock are created by `setTimeout` above.
    const pausable = timer as PausableTimer;
    this.#overdue.delete(pausable);
    if (pausable.timer !== undefined) this.#clock.clearTimeout(pausable.timer);
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
