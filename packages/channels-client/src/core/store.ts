import { callSafely } from "./call-safely.ts";

/**
 * A value that changes, in the shape that React's `useSyncExternalStore(readable.subscribe, readable.get)` takes. What `get`
 * returns is immutable, and another object after each change. Both functions are bound.
 */
export interface Readable<T> {
  readonly get: () => T;
  /** Calls the listener after each change. Returns a function that unsubscribes. */
  readonly subscribe: (listener: () => void) => () => void;
}

export class Store<T> implements Readable<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly get = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function subscribed twice is two subscriptions.
    const call = () => listener();
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  };

  set(value: T): void {
    this.replace(value);
    this.notify();
  }

  /** Sets the value before its listeners are to know. */
  replace(value: T): void {
    this.#value = value;
  }

  notify(): void {
    for (const listener of [...this.#listeners]) callSafely(listener);
  }
}
