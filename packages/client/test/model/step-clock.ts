import type { Clock } from "../../src/index.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Everything that promises have scheduled, also through each other, has run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that goes only where it is moved to. Timers run in order of their time, then of their making. */
export class StepClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #made = 0;
  #timers: Timer[] = [];

  now(): number {
    return this.#now;
  }

  after(delay: number, callback: () => void): () => void {
    this.#made += 1;
    const timer = { at: this.#now + Math.max(0, delay), order: this.#made, callback };
    const later = this.#timers.findIndex((t) => t.at > timer.at);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index !== -1) this.#timers.splice(index, 1);
    };
  }

  /** Moves on, timer by timer; what each of them sets going has settled before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#timers[0]; next !== undefined && next.at <= end; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settled();
    }
    this.#now = end;
  }

  /** A clock for one client, which can be taken away from it: nothing that it waits for happens any more. */
  lend(): Clock & { end(): void } {
    let over = false;
    return {
      now: () => this.now(),
      after: (delay, callback) =>
        this.after(delay, () => {
          if (!over) callback();
        }),
      end: () => {
        over = true;
      },
    };
  }
}
