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

/** The calls that wait, in their order. */
export class CallQueue {
  readonly #calls: QueuedCall[] = [];
  readonly #name: string;
  readonly #maxLength: number;

  /** @param maxLength calls that may wait; one more is rejected as `busy`. */
  constructor(name: string, maxLength: number) {
    this.#name = name;
    this.#maxLength = maxLength;
  }

  get length(): number {
    return this.#calls.length;
  }

  /** @throws StoreError `busy` where too many calls wait. */
  add(operation: string, args: unknown): Promise<unknown> {
    if (this.#calls.length >= this.#maxLength) {
      const message = `expected at most ${this.#maxLength} waiting calls to the database ${this.#name}: try again later`;
      return Promise.reject(new StoreError("busy", message));
    }
    return new Promise((resolve, reject) => {
      this.#calls.push({ operation, args, resolve, reject, queuedAt: performance.now() });
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
    return this.#calls.splice(0, count);
  }

  /** Puts calls back that did not run. */
  returnToFront(calls: readonly QueuedCall[]): void {
    this.#calls.unshift(...calls);
  }

  /** Rejects the calls that have waited for at least this long; 0: all of them. */
  rejectWaiting(waitedMs: number, error: StoreError): void {
    const since = performance.now() - waitedMs;
    const index = this.#calls.findIndex(({ queuedAt }) => queuedAt > since);
    const rejected = this.#calls.splice(0, index === -1 ? this.#calls.length : index);
    for (const { reject } of rejected) reject(error);
  }
}
