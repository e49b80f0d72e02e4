/** What a test receives, in order, to be waited for. */
export class Arrivals<T> {
  readonly #waiting: T[] = [];
  readonly #takers: { readonly resolve: (item: T) => void; readonly reject: (error: unknown) => void }[] = [];
  #end: { readonly error: unknown } | undefined;

  /** What has arrived and was not taken yet. */
  get size(): number {
    return this.#waiting.length;
  }

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(item);
    else taker.resolve(item);
  }

  /** Nothing more will come: who waits, now or later, gets this error when everything is taken. */
  end(error: unknown): void {
    this.#end ??= { error };
    for (const taker of this.#takers.splice(0)) taker.reject(error);
  }

  /** The next one; rejects when there is none in time, saying what was waited for. */
  take(what: string, timeoutMs: number): Promise<T> {
    const [first] = this.#waiting;
    if (first !== undefined || this.#waiting.length > 0) {
      this.#waiting.shift();
      return Promise.resolve(first as T);
    }
    if (this.#end !== undefined) return Promise.reject(this.#end.error);
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
        this.#takers.splice(this.#takers.indexOf(taker), 1);
        reject(new Error(`Expected ${what} within ${timeoutMs} ms, and nothing came.`));
      }, timeoutMs);
      this.#takers.push(taker);
    });
  }

  /** Takes everything that is there. */
  takeAll(): T[] {
    return this.#waiting.splice(0);
  }

  /** Whether nothing comes in that time. */
  async nothing(ms: number): Promise<boolean> {
    if (this.#waiting.length > 0) return false;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return this.#waiting.length === 0;
  }
}
