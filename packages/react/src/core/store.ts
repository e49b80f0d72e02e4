/** A value that changes, for `useSyncExternalStore`. The client has one like it, which is no part of its public API. */
export class Store<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  readonly get = (): T => this.#value;

  readonly subscribe = (listener: () => void): (() => void) => {
    const call = () => listener();
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  };

  set(value: T): void {
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  }
}
