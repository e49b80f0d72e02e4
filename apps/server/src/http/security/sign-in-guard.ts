import { LRUCache } from "lru-cache";
import { Refusal } from "../../access/refusal.ts";
import { addressKey } from "./request-limit.ts";

const WINDOW_MS = 60_000;

/** An address can be shared by a whole office, a username belongs to one person. */
const ADDRESS_FACTOR = 5;

/** Bounds the memory; an attacker needs a whole network to exceed it. */
const MAX_TRACKED_KEYS = 100_000;

interface Attempts {
  count: number;
  readonly endsAt: number;
}

/**
 * Slows down password guessing. Counts failed attempts per address and per username in windows of a minute. An attempt is
 * counted when it begins, so that a thousand parallel attempts cannot pass before the first one fails; a successful attempt
 * is subtracted again.
 */
export class SignInGuard {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #attempts = new LRUCache<string, Attempts>({ max: MAX_TRACKED_KEYS });

  /** @param perMinute Attempts for a username; an address is allowed five times as many. */
  constructor(perMinute: number, now: () => number = Date.now) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /**
   * Counts an attempt.
   * @returns a function to call if the attempt succeeds.
   * @throws Refusal RATE_LIMITED with the seconds until the window ends.
   */
  beginAttempt(address: string, username: string): () => void {
    const counters = [
      { attempts: this.#window(`address:${addressKey(address)}`), max: this.#perMinute * ADDRESS_FACTOR },
      { attempts: this.#window(`username:${username.normalize("NFKC").toLowerCase()}`), max: this.#perMinute },
    ];
    for (const { attempts, max } of counters) {
      if (attempts.count < max) continue;
      const retryAfter = Math.max(1, Math.ceil((attempts.endsAt - this.#now()) / 1000));
      throw new Refusal("RATE_LIMITED", "Too many sign-in attempts. Wait a moment.", { retryAfter });
    }
    for (const { attempts } of counters) attempts.count += 1;
    return () => {
      for (const { attempts } of counters) attempts.count -= 1;
    };
  }

  #window(key: string): Attempts {
    const current = this.#attempts.get(key);
    if (current !== undefined && current.endsAt > this.#now()) return current;
    const fresh = { count: 0, endsAt: this.#now() + WINDOW_MS };
    this.#attempts.set(key, fresh);
    return fresh;
  }
}
