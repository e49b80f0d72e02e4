import { callListener, type NotificationBatch } from "./notification-batch.ts";
import type { Readable } from "./readable.ts";

/** A Readable that is computed when it is read, and computed again only after `invalidate()`. */
export class ComputedStore<T> implements Readable<T> {
  readonly #batch: NotificationBatch;
  readonly #compute: (previous: T | undefined) => T;
  readonly #onFirstListener: () => void;
  readonly #listeners = new Set<() => void>();
  #computed: { readonly value: T } | undefined;
  #isStale = true;

  /**
   * @param compute may return the previous value to say that nothing has changed
   * @param onFirstListener called when the store gets its first listener
   */
  constructor(
    batch: NotificationBatch,
    compute: (previous: T | undefined) => T,
    onFirstListener: () => void = () => {},
  ) {
    this.#batch = batch;
    this.#compute = compute;
    this.#onFirstListener = onFirstListener;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  readonly get = (): T => {
    if (this.#computed === undefined || this.#isStale) {
      this.#isStale = false;
      const value = this.#compute(this.#computed?.value);
      if (this.#computed?.value !== value || this.#computed === undefined) this.#computed = { value };
    }
    return this.#computed.value;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function subscribed twice is two subscriptions.
    const call = () => listener();
    this.#listeners.add(call);
    if (this.#listeners.size === 1) this.#onFirstListener();
    return () => this.#listeners.delete(call);
  };

  /** Marks the value as out of date, and notifies the listeners at the end of the turn. */
  invalidate(): void {
    this.#isStale = true;
    if (this.#listeners.size > 0) this.#batch.add(this);
  }

  notify(): void {
    for (const listener of [...this.#listeners]) callListener(listener);
  }
}
