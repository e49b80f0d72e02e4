/** How fast a client sends. */
export interface RateOptions {
  /** Frames per second in the long run, at least 1, so that pings do not wait for long. */
  readonly perSecond: number;
  /** Frames at once after a pause, at least 1. */
  readonly burst: number;
}

/** Tokens for frames, as many as `burst`; `perSecond` of them come back. */
export class TokenBucket {
  readonly #rate: RateOptions;
  #tokens: number;
  #refilledAt = performance.now();

  constructor(rate: RateOptions) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  /** Takes a token and returns 0; or takes none and returns after how many milliseconds there is one. */
  take(): number {
    const { perSecond, burst } = this.#rate;
    const now = performance.now();
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#refilledAt) / 1000) * perSecond);
    this.#refilledAt = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) / perSecond) * 1000);
  }
}
