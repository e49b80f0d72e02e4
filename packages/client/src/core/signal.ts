/** Something that a part announces to the parts built on it, which subscribe to it instead of being called by name. */
export class Signal<T> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Calls the listener with each value; listeners run in the order of subscription. Returns a function that unsubscribes. */
  subscribe(listener: (value: T) => void): () => void {
    // The same function subscribed twice is two subscriptions.
    const call = (value: T) => listener(value);
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  /** Calls every listener, synchronously. */
  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
