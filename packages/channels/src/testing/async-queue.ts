/** What a test receives, in order, to be waited for. */
export class AsyncQueue<T> {
  readonly #items: T[] = [];
  readonly #pending: { readonly resolve: (item: T) => void; readonly reject: (error: unknown) => void }[] = [];
  #ending: { readonly error: unknown } | undefined;

  /** What has arrived and was not taken yet. */
  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const taker = this.#pending.shift();
    if (taker === undefined) this.#items.push(item);
    else taker.resolve(item);
  }

  /** Nothing more will come: who waits, now or later, gets this error when everything is taken. */
  end(error: unknown): void {
    this.#ending ??= { error };
    for (const taker of this.#pending.splice(0)) taker.reject(error);
  }

  /** The next one; rejects when there is none in time, saying what was waited for. */
  shift(what: string, timeoutMs: number): Promise<T> {
    const [first] = this.#items;
    if (first !== undefined || this.#items.length > 0) {
      this.#items.shift();
      return Promise.resolve(first as T);
    }
    if (this.#ending !== undefined) return Promise.reject(this.#ending.error);
    return new Promise((resolve, reject) => {
      const taker = {
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
        this.#pending.splice(this.#pending.indexOf(taker), 1);
        reject(new Error(`Expected ${what} within ${timeoutMs} ms, and nothing came.`));
      }, timeoutMs);
      this.#pending.push(taker);
    });
  }

  /** Takes everything that is there. */
  drain(): T[] {
    return this.#items.splice(0);
  }

  /** Whether nothing comes in that time. */
  async staysEmpty(ms: number): Promise<boolean> {
    if (this.#items.length > 0) return false;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#items.length === 0;
  }
}
