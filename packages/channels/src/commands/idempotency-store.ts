import { requireInteger } from "../layer/require-integer.ts";

/** Remembers the replies of idempotent commands. */
export interface IdempotencyStore {
  /**
   * Returns the result of `work` for this key: of the call under way, of an earlier one, or of a new one. A failure is not
   * remembered, so that a repeat tries again.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export interface InMemoryIdempotencyOptions {
  /** Results to remember; beyond it the oldest is forgotten. @default 10_000 */
  readonly maxEntries?: number;
  /** How long a result is remembered, in milliseconds. @default 600_000 */
  readonly ttlMs?: number;
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

interface Entry {
  readonly result: Promise<unknown>;
  readonly startedAt: number;
}

/** Remembers in this process. Where a repeat may reach another process, keep the key with the data instead. */
export class InMemoryIdempotencyStore implements IdempotencyStore {
  readonly #maxEntries: number;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor({
    maxEntries = 10_000,
    ttlMs = 600_000,
    now = () => performance.now(),
  }: InMemoryIdempotencyOptions = {}) {
    this.#maxEntries = requireInteger("maxEntries", maxEntries, 1, 10_000_000);
    this.#ttlMs = requireInteger("ttlMs", ttlMs, 1, 86_400_000);
    this.#now = now;
  }

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const now = this.#now();
    this.#forgetExpired(now);
    const known = this.#entries.get(key);
    // A key belongs to one command, whose results have one type.
    if (known !== undefined) return known.result as Promise<T>;
    const result = work();
    const entry = { result, startedAt: now };
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
    result.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return result;
  }

  /** The entries are in the order of their start. */
  #forgetExpired(now: number): void {
    for (const [key, { startedAt }] of this.#entries) {
      if (now - startedAt < this.#ttlMs) return;
      this.#entries.delete(key);
    }
  }
}
