import { LRUCache } from "lru-cache";
import { Refusal } from "../../access/refusal.ts";
import { addressKey } from "./request-limit.ts";

const WINDOW_MS = 60_000;

/** Behind one address there can be a whole office; one username is one person. */
const ADDRESS_FACTOR = 5;

/** Addresses and usernames remembered: an attacker with more has to spend a network on it. */
const MAX_TRACKED_KEYS = 100_000;

interface Attempts {
  count: number;
  readonly endsAt: number;
}

/**
 * Slows the guessing of passwords: attempts that did not succeed, counted by address and by username, in windows of a
 * minute. An attempt counts from its beginning, so that a thousand at once do not pass before the first has failed; one
 * that succeeds is taken back.
 */
export class SignInGuard {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #attempts = new LRUCache<string, Attempts>({ max: MAX_TRACKED_KEYS });

  /** @param perMinute For a username; an address has five times as many. */
  constructor(perMinute: number, now: () => number = Date.now) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /**
   * @returns what to call when the attempt succeeded.
   * @throws Refusal RATE_LIMITED with the seconds until the window ends.
   */
  beginAttempt(address: string, username: string): () => void {
    const counted = [
      { attempts: this.#window(`address:${addressKey(address)}`), most: this.#perMinute * ADDRESS_FACTOR },
      { attempts: this.#window(`username:${username.normalize("NFKC").toLowerCase()}`), most: this.#perMinute },
    ];
    for (const { attempts, most } of counted) {
      if (attempts.count < most) continue;
      const retryAfter = Math.max(1, Math.ceil((attempts.endsAt - this.#now()) / 1000));
      throw new Refusal("RATE_LIMITED", "Too many attempts to sign in; wait a moment.", { retryAfter });
    }
    for (const { attempts } of counted) attempts.count += 1;
    return () => {
      for (const { attempts } of counted) attempts.count -= 1;
    };
  }

  #window(key: string): Attempts {
    const known = this.#attempts.get(key);
    if (known !== undefined && known.endsAt > this.#now()) return known;
    const fresh = { count: 0, endsAt: this.#now() + WINDOW_MS };
    this.#attempts.set(key, fresh);
    return fresh;
  }
}
