import type { Clock } from "./clock.ts";

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** Promises that wait for the same thing to happen, each with its own timeout. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with `resolveAll`; rejects with `rejectAll`, or with the error of `onTimeout` after `timeoutMs`. */
  wait(timeoutMs: number, onTimeout: () => Error): Promise<void> {
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
      const stop = this.#clock.after(Math.max(0, timeoutMs), () => waiter.reject(onTimeout()));
      this.#waiting.add(waiter);
    });
  }

  resolveAll(): void {
    for (const waiter of [...this.#waiting]) waiter.resolve();
  }

  rejectAll(error: Error): void {
    for (const waiter of [...this.#waiting]) waiter.reject(error);
  }
}
