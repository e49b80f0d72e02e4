import { StoreError } from "../store-error.ts";

/** A call of an operation that waits for a connection. */
export interface QueuedCall {
  /** The name of an operation, such as `messages.append`. */
  readonly operation: string;
  readonly args: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StoreError) => void;
  /** By `performance.now()`. */
  readonly queuedAt: number;
}

export interface CallQueueOptions {
  /** In messages: `writer`. */
  readonly name: string;
  /** Calls that may wait; one more is rejected as `busy`. */
  readonly maxLength: number;
  /** Calls that have waited for longer are rejected as `busy`, unless others were taken meanwhile. */
  readonly waitMs: number;
}

/** The calls that wait, in their order. */
export class CallQueue {
  readonly #calls: QueuedCall[] = [];
  readonly #options: CallQueueOptions;
  /** By `performance.now()`. */
  #takenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CallQueueOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#calls.length;
  }

  /** @throws StoreError `busy` where too many calls wait, or it has waited for too long. */
  add(operation: string, args: unknown): Promise<unknown> {
    const { name, maxLength } = this.#options;
    if (this.#calls.length >= maxLength) {
      const message = `expected at most ${maxLength} waiting calls to the database ${name}: try again later`;
      return Promise.reject(new StoreError("busy", message));
    }
    return new Promise((resolve, reject) => {
      this.#calls.push({ operation, args, resolve, reject, queuedAt: performance.now() });
      this.#watch();
    });
  }

  /** Takes calls from the front until their costs reach the budget; one at least. */
  take(budget: number, costOf: (call: QueuedCall) => number = () => 1): QueuedCall[] {
    let count = 0;
    let cost = 0;
    for (const call of this.#calls) {
      if (cost >= budget) break;
      cost += costOf(call);
      count += 1;
    }
    if (count > 0) this.#takenAt = performance.now();
    return this.#calls.splice(0, count);
  }

  /** Puts calls back that did not run. */
  returnToFront(calls: readonly QueuedCall[]): void {
    this.#calls.unshift(...calls);
    this.#watch();
  }

  /** Rejects the calls that have waited for at least this long; 0: all of them. */
  rejectWaiting(waitedMs: number, error: StoreError): void {
    const since = performance.now() - waitedMs;
    const index = this.#calls.findIndex(({ queuedAt }) => queuedAt > since);
    const rejected = this.#calls.splice(0, index === -1 ? this.#calls.length : index);
    for (const { reject } of rejected) reject(error);
  }

  /** Rejects the calls that have waited for too long, as long as any wait. */
  #watch(): void {
    const [first] = this.#calls;
    if (this.#timer !== undefined || first === undefined) return;
    const endsAt = Math.max(first.queuedAt, this.#takenAt) + this.#options.waitMs;
    this.#timer = setTimeout(
      () => {
        // A turn of the event loop later: what this process was too busy to read does not count.
        setImmediate(() => {
          this.#timer = undefined;
          this.#rejectStuck();
          this.#watch();
        });
      },
      Math.max(endsAt - performance.now(), 1),
    );
    // The connection keeps the process running, not this.
    this.#timer.unref();
  }

  #rejectStuck(): void {
    const { name, waitMs } = this.#options;
    if (performance.now() - this.#takenAt < waitMs) return;
    const message = `expected the database ${name} to take a call within ${waitMs} ms: it is busy, or does not answer; try again`;
    this.rejectWaiting(waitMs, new StoreError("busy", message));
  }
}
