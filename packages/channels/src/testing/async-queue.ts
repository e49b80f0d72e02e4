/** A queue whose items can be awaited. */
export class AsyncQueue<T> {
  readonly #items: T[] = [];
  readonly #pending: { readonly resolve: (item: T) => void; readonly reject: (error: unknown) => void }[] = [];
  #end: { readonly error: unknown } | undefined;

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const waiter = this.#pending.shift();
    if (waiter === undefined) this.#items.push(item);
    else waiter.resolve(item);
  }

  /** Ends the queue: once it is empty, `shift` rejects with this error. */
  end(error: unknown): void {
    this.#end ??= { error };
    for (const waiter of this.#pending.splice(0)) waiter.reject(error);
  }

  /** Removes the next item, waiting for it if necessary. Rejects after the timeout, naming `expected`. */
  shift(expected: string, timeoutMs: number): Promise<T> {
    const [first] = this.#items;
    if (first !== undefined || this.#items.length > 0) {
      this.#items.shift();
      return Promise.resolve(first as T);
    }
    if (this.#end !== undefined) return Promise.reject(this.#end.error);
    return new Promise((resolve, reject) => {
      const waiter = {
        resolve: (item: T) => {
          clearTimeout(timer);
          resolve(item);
        },
        reject: (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      const timer = setTimeout(() => {
        this.#pending.splice(this.#pending.indexOf(waiter), 1);
        reject(new Error(`Expected ${expected} within ${timeoutMs} ms; got nothing.`));
      }, timeoutMs);
      this.#pending.push(waiter);
    });
  }

  /** Removes and returns all items. */
  drain(): T[] {
    return this.#items.splice(0);
  }

  /** Returns whether the queue stays empty for the given time. */
  async staysEmpty(ms: number): Promise<boolean> {
    if (this.#items.length > 0) return false;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#items.length === 0;
  }
}
