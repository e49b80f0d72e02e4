import type { Clock } from "./clock.ts";

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** Who waits for one thing to happen, each for so long at most. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it has happened; rejects when it cannot any more, or with `late` after so many milliseconds. */
  wait(ms: number, late: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#waiting.delete(waiter);
        stop();
        end();
      };
      const waiter: Waiter = {
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      const stop = this.#clock.after(Math.max(0, ms), () => waiter.reject(late()));
      this.#waiting.add(waiter);
    });
  }

  /** It has happened. */
  resolve(): void {
    for (const waiter of [...this.#waiting]) waiter.resolve();
  }

  /** It cannot happen any more. */
  reject(error: Error): void {
    for (const waiter of [...this.#waiting]) waiter.reject(error);
  }
}
