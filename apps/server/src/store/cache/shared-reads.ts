/** Enough that the reader, which answers what has arrived together, never waits for the next call. */
const DEFAULT_MAX_ACTIVE = 8;
/** Further reads go to the reader, whose own limit rejects them. */
const DEFAULT_MAX_WAITING = 20_000;

export interface SharedReadsOptions {
  /** Reads that run at the same time. @default 8 */
  readonly maxActive?: number;
  /** Different reads that wait to be shared. @default 20_000 */
  readonly maxWaiting?: number;
}

interface WaitingRead<Query, Result> {
  readonly query: Query;
  readonly promise: Promise<Result>;
  readonly resolve: (result: Promise<Result>) => void;
}

/**
 * Answers equal reads with one: clients that reconnect to a room together have missed the same part of its log. A waiting
 * read is shared, an active one is not, so that every result was read after it was requested and contains every earlier
 * commit.
 */
export class SharedReads<Query, Result> {
  readonly #read: (query: Query) => Promise<Result>;
  readonly #keyOf: (query: Query) => string;
  /** By key, the longest waiting first. */
  readonly #waiting = new Map<string, WaitingRead<Query, Result>>();
  readonly #maxActive: number;
  readonly #maxWaiting: number;
  #active = 0;

  constructor(
    read: (query: Query) => Promise<Result>,
    keyOf: (query: Query) => string,
    { maxActive = DEFAULT_MAX_ACTIVE, maxWaiting = DEFAULT_MAX_WAITING }: SharedReadsOptions = {},
  ) {
    this.#read = read;
    this.#keyOf = keyOf;
    this.#maxActive = maxActive;
    this.#maxWaiting = maxWaiting;
  }

  /** Returns a result that may be shared with other callers; it must not be modified. */
  ask(query: Query): Promise<Result> {
    if (this.#active < this.#maxActive) return this.#start(query);
    const key = this.#keyOf(query);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting.promise;
    if (this.#waiting.size >= this.#maxWaiting) return this.#start(query);
    const { promise, resolve } = Promise.withResolvers<Result>();
    this.#waiting.set(key, { query, promise, resolve });
    return promise;
  }

  async #start(query: Query): Promise<Result> {
    this.#active += 1;
    try {
      return await this.#read(query);
    } finally {
      this.#active -= 1;
      this.#startNext();
    }
  }

  #startNext(): void {
    for (const [key, { query, resolve }] of this.#waiting) {
      this.#waiting.delete(key);
      resolve(this.#start(query));
      return;
    }
  }
}
