/** How long a connection can exceed its rate, in seconds' worth of refused commands. */
const FLOOD_SECONDS = 4;

export type RateVerdict =
  | { readonly kind: "pass" }
  /** `retryAfter` is in seconds. */
  | { readonly kind: "refuse"; readonly retryAfter: number }
  /** The client ignores the refusals and should be disconnected. */
  | { readonly kind: "flood" };

const PASS: RateVerdict = Object.freeze({ kind: "pass" });
const FLOOD: RateVerdict = Object.freeze({ kind: "flood" });

/**
 * A token bucket of `perSecond` sustained commands and bursts of twice as many. Each passed command offsets one refused
 * command, so a client slightly above its rate is only asked to wait, and one that keeps flooding is cut off.
 */
export class CommandRate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;
  #refused = 0;

  /** @param now A monotonic clock in milliseconds. */
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
