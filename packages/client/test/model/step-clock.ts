import type { Clock } from "../../src/index.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Resolves when all microtasks have run, including those that they schedule. */
export const flushPromises = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that moves only by `advance`. Timers run in the order of their time, then of their creation. */
export class StepClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    const firstLater = this.#timers.findIndex(({ at }) => at > timer.at);
    this.#timers.splice(firstLater === -1 ? this.#timers.length : firstLater, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
    };
  }

  /** Moves forward timer by timer, and flushes the promises after each. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    await flushPromises();
    for (let next = this.#timers[0]; next !== undefined && next.at <= end; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await flushPromises();
    }
    this.#now = end;
  }

  /** Returns a clock for one client that can be stopped: none of its timers runs after that. */
  fork(): Clock & { stop(): void } {
    let isStopped = false;
    return {
      now: () => this.now(),
      after: (delayMs, callback) =>
        this.after(delayMs, () => {
          if (!isStopped) callback();
        }),
      stop: () => {
        isStopped = true;
      },
    };
  }
}
