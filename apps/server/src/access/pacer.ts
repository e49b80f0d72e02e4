import { LRUCache } from "lru-cache";
import { type Rate, TokenBucket } from "./token-bucket.ts";

/** Bounds the memory; an attacker needs a whole network to exceed it. Counted as sizes, see `SignInGuard`. */
const BOUNDS = { maxSize: 100_000, sizeCalculation: () => 1 } as const;
/** What a person or a program does by mistake, or at the start, is not delayed. */
const MIN_BURST = 10;
const MAX_DELAY_MS = 2_000;

/**
 * Says how long to hold something back that costs a turn of the event loop each time, so that a client that repeats it at once does not
 * take the processor from the others: it waits for its answer, and nobody else does.
 */
export class Pacer {
  readonly #rate: Rate;
  readonly #maxDebt: number;
  readonly #buckets = new LRUCache<string, TokenBucket>(BOUNDS);

  constructor({ burst, perSecond }: Rate) {
    this.#rate = { burst: Math.max(MIN_BURST, burst), perSecond };
    // As much as the longest delay pays back.
    this.#maxDebt = (MAX_DELAY_MS / 1_000) * perSecond;
  }

  /**
   * Counts one of a user or an address.
   * @param cost how many ordinary ones it takes as long as
   * @returns the milliseconds to wait, at most 2,000
   */
  delayMs(key: string, { cost = 1, now = performance.now() }: { cost?: number; now?: number } = {}): number {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate, now, this.#maxDebt);
    this.#buckets.set(key, bucket);
    const delayMs = Math.min(bucket.waitMs(now), MAX_DELAY_MS);
    bucket.take(cost);
    return delayMs;
  }
}
