/** How long a connection may stay above its rate, in seconds' worth of refused commands. */
const FLOOD_SECONDS = 4;

export type RateVerdict =
  | { readonly kind: "pass" }
  /** `retryAfter` is in seconds. */
  | { readonly kind: "refuse"; readonly retryAfter: number }
  /** It has been told often enough. */
  | { readonly kind: "flood" };

const PASS: RateVerdict = Object.freeze({ kind: "pass" });
const FLOOD: RateVerdict = Object.freeze({ kind: "flood" });

/**
 * A token bucket: `perSecond` commands sustained, twice as many at once. Refused commands are counted against those that
 * passed: who goes on flooding is cut off, who is a little too quick is told to wait.
 */
export class CommandRate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;
  #refused = 0;

  /** @param now Milliseconds, monotonic. */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = 2 * perSecond;
    this.#filledAt = now();
  }

  take(): RateVerdict {
    const now = this.#now();
    this.#tokens = Math.min(2 * this.#perSecond, this.#tokens + ((now - this.#filledAt) / 1_000) * this.#perSecond);
    this.#filledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      if (this.#refused > 0) this.#refused -= 1;
      return PASS;
    }
    this.#refused += 1;
    if (this.#refused > FLOOD_SECONDS * this.#perSecond) return FLOOD;
    return { kind: "refuse", retryAfter: Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1_000) / 1_000 };
  }
}
