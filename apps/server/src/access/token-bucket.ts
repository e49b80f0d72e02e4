export interface Rate {
  /** What can be taken at once. */
  readonly burst: number;
  /** What can be taken in the long run. */
  readonly perSecond: number;
}

/**
 * What is left of a rate: a burst at first, which fills up again at a steady pace. Unlike the bucket of the framework's rate limit,
 * which the aggregates cannot import, it takes several tokens at once, and can owe some.
 */
export class TokenBucket {
  readonly #rate: Rate;
  readonly #maxDebt: number;
  #tokens: number;
  #filledAt: number;

  /**
   * @param now of a monotonic clock in milliseconds, like that of every call.
   * @param maxDebt how far below zero the balance can become
   */
  constructor(rate: Rate, now: number, maxDebt: number = rate.burst) {
    this.#rate = rate;
    this.#maxDebt = maxDebt;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** Returns the milliseconds until the next token can be taken; 0: now. */
  waitMs(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / this.#rate.perSecond) * 1_000;
  }

  /** Takes tokens. The balance can become negative: what comes after waits for it. */
  take(cost = 1): void {
    this.#tokens = Math.max(this.#tokens - cost, -this.#maxDebt);
  }

  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens >= this.#rate.burst;
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#rate;
    const elapsedMs = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(burst, this.#tokens + (elapsedMs / 1_000) * perSecond);
    this.#filledAt = Math.max(now, this.#filledAt);
  }
}
