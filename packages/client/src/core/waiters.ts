import type { Clock } from "./clock.ts";

interface Waiter {
  resolve(): void;
  reject(reason: unknown): void;
}

/** Promises that wait for the same thing to happen, each with its own timeout. */
export class Waiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves with `resolveAll`; rejects with `rejectAll`, with the error of `onTimeout` after `timeoutMs`, or with the reason of
   * the aborted signal.
   */
  wait(timeoutMs: number, onTimeout: () => Error, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        this.#waiting.delete(waiter);
        stop();
        signal?.removeEventListener("abort", onAbort);
        end();
      };
      const waiter: Waiter = {
        resolve: () => settle(resolve),
        reject: (reason) => settle(() => reject(reason)),
      };
      const onAbort = () => waiter.reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
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
