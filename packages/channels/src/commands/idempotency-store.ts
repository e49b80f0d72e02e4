import { requireInteger } from "../layer/require-integer.ts";
import { checkOptions } from "../options.ts";

/** Remembers the replies of idempotent commands. */
export interface IdempotencyStore {
  /**
   * Returns the result of `work` for this key: of the call under way, of an earlier one, or of a new one. A failure is not
   * remembered, so that a repeat tries again.
   */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export interface InMemoryIdempotencyOptions {
  /** Results to remember; beyond it the oldest is forgotten. Calls under way do not count. @default 10_000 */
  readonly maxEntries?: number;
  /** How long a result is remembered, in milliseconds. @default 600_000 */
  readonly ttlMs?: number;
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

interface Entry {
  readonly result: Promise<unknown>;
  readonly settledAt: number;
}

/** Remembers in this process. Where a repeat may reach another process, keep the key with the data instead. */
export class InMemoryIdempotencyStore implements IdempotencyStore {
  readonly #maxEntries: number;
  readonly #ttlMs: number;
  readonly #now: () => number;
  /** By key, the calls under way. They are never forgotten: a repeat would run beside the first one. */
  readonly #pending = new Map<string, Promise<unknown>>();
  /** By key, the results, in the order of their end. */
  readonly #entries = new Map<string, Entry>();

  /** @throws InvalidOption naming the option that is out of bounds. */
  constructor(options: InMemoryIdempotencyOptions = {}) {
    checkOptions<InMemoryIdempotencyOptions>(options, { maxEntries: true, ttlMs: true, now: true });
    const { maxEntries = 10_000, ttlMs = 600_000, now = () => performance.now() } = options;
    this.#maxEntries = requireInteger("maxEntries", maxEntries, 1, 10_000_000);
    this.#ttlMs = requireInteger("ttlMs", ttlMs, 1, 86_400_000);
    this.#now = now;
  }

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const now = this.#now();
    this.#forgetExpired(now);
    const known = this.#pending.get(key) ?? this.#entries.get(key)?.result;
    // A key belongs to one command, whose results have one type.
    if (known !== undefined) return known as Promise<T>;
    const result = work();
    this.#pending.set(key, result);
    result.then(
      () => this.#remember(key, result),
      () => this.#pending.delete(key),
    );
    return result;
  }

  #remember(key: string, result: Promise<unknown>): void {
    this.#pending.delete(key);
    this.#entries.set(key, { result, settledAt: this.#now() });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }

  #forgetExpired(now: number): void {
    for (const [key, { settledAt }] of this.#entries) {
      if (now - settledAt < this.#ttlMs) return;
      this.#entries.delete(key);
    }
  }
}
