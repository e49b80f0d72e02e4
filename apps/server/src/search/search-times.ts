import { LRUCache } from "lru-cache";
import { Refusal } from "../access/refusal.ts";
import { TokenBucket } from "../access/token-bucket.ts";
import type { SearchCharges } from "../context.ts";

/**
 * Milliseconds of searching that one command of the rate is worth: at 50 commands a second, a user takes a fifth of the thread of
 * the searches.
 */
const MS_PER_COMMAND = 4;
/** Seconds' worth of searching that a user can save up. */
const BURST_SECONDS = 10;
/** Users whose times are remembered; beyond it the least recently used is forgotten. */
const MAX_USERS = 100_000;
// With the option `max`, the cache would take memory for all of them at once.
const BOUNDS = { maxSize: MAX_USERS, sizeCalculation: () => 1 } as const;

/**
 * Charges users for how long their searches took. What a search costs cannot be known before: a phrase of a hundred frequent
 * words takes a thousand times as long as a rare word. The command and the HTTP request are charged besides.
 */
export class SearchTimes implements SearchCharges {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, TokenBucket>(BOUNDS);

  /**
   * @param commandsPerSecond the rate of one connection
   * @param now a monotonic clock in milliseconds
   */
  constructor(commandsPerSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = MS_PER_COMMAND * commandsPerSecond;
    this.#now = now;
  }

  assertAllowed(user: string): void {
    const waitMs = this.#buckets.get(user)?.waitMs(this.#now()) ?? 0;
    if (waitMs > 0) throw new Refusal("RATE_LIMITED", undefined, { retryAfter: Math.ceil(waitMs) / 1_000 });
  }

  charge(user: string, tookMs: number): void {
    const now = this.#now();
    const rate = { burst: BURST_SECONDS * this.#perSecond, perSecond: this.#perSecond };
    const bucket = this.#buckets.get(user) ?? new TokenBucket(rate, now);
    // Fills the bucket up to now.
    bucket.waitMs(now);
    bucket.take(tookMs);
    this.#buckets.set(user, bucket);
  }
}
