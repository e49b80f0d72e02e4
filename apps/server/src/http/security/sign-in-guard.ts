import { LRUCache } from "lru-cache";
import { addressKey } from "../../access/address-key.ts";
import { Refusal } from "../../access/refusal.ts";
import type { CountedAttempt, SharedLimits } from "../../access/shared-limits.ts";
import { usernameKey } from "../../people/index.ts";

const ADDRESS_WINDOW_MS = 60_000;
/** An address can be shared by a whole office. */
const ADDRESS_FACTOR = 5;
const FIRST_DELAY_MS = 10_000;
const MAX_DELAY_MS = 15 * 60_000;
/** Failures are forgotten when there was none for this time. */
const MEMORY_MS = 60 * 60_000;
/** From this many failures on an account, unknown addresses have a smaller allowance. */
const PRESSURE_FAILURES = 100;
const ATTEMPTS_UNDER_PRESSURE = 2;
/** Bounds the memory; an attacker needs a whole network to exceed it. */
const MAX_TRACKED_KEYS = 100_000;
/** Counted as sizes: with `max` a cache takes memory for all its keys from the start. */
const BOUNDS = { maxSize: MAX_TRACKED_KEYS, sizeCalculation: () => 1 } as const;

interface Failures {
  count: number;
  /** No attempt is accepted before. */
  blockedUntil: number;
}

interface Window {
  count: number;
  readonly endsAt: number;
}

export interface SignInGuardOptions {
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
  /** Shares attempts with the other servers. @default they are counted in this process alone */
  readonly shared?: Pick<SharedLimits, "countAttempt" | "onAttempt"> | undefined;
}

export interface SignInAttempt {
  readonly address: string;
  readonly username: string;
  /** The id of a device on which the account has signed in before. */
  readonly device?: string | null;
  /** Addresses of the account's sessions. */
  readonly knownAddresses?: readonly string[];
}

/**
 * Slows down password guessing without locking anyone out. Failures are counted by account and address; when the allowance
 * is used up, the delay until the next attempt doubles with each failure. Nobody elsewhere can use up this allowance. A
 * device on which the account has signed in before is counted apart from its address, an address that the account uses has
 * twice the allowance, and neither is affected by the total of an address. The one normalization of names, `usernameKey`,
 * gives every spelling of a name the same count.
 *
 * An attempt is counted when it begins, so that a thousand parallel attempts cannot pass before the first one fails.
 */
export class SignInGuard {
  readonly #allowance: number;
  readonly #now: () => number;
  readonly #shared: SignInGuardOptions["shared"];
  readonly #failures = new LRUCache<string, Failures>({ ...BOUNDS, ttl: MEMORY_MS });
  readonly #accounts = new LRUCache<string, { count: number }>({ ...BOUNDS, ttl: MEMORY_MS });
  readonly #addresses = new LRUCache<string, Window>(BOUNDS);

  /**
   * @param allowance Failed attempts for one account from one address before delays begin; in a minute, an address is allowed
   * five times as many for all accounts.
   */
  constructor(allowance: number, { now = Date.now, shared }: SignInGuardOptions = {}) {
    this.#allowance = allowance;
    this.#now = now;
    this.#shared = shared;
    shared?.onAttempt((attempt) => this.#applyElsewhere(attempt));
  }

  /**
   * Counts an attempt.
   * @returns a function to call if the attempt succeeds.
   * @throws Refusal RATE_LIMITED with the seconds until the next attempt.
   */
  beginAttempt({ address, username, device = null, knownAddresses = [] }: SignInAttempt): () => void {
    const account = usernameKey(username);
    const from = addressKey(address);
    if (device !== null) return this.#count(`device ${account} ${device}`, this.#allowance);
    const key = `address ${account} ${from}`;
    if (knownAddresses.some((known) => addressKey(known) === from)) return this.#count(key, 2 * this.#allowance);

    const window = this.#window(from);
    if (window.count >= this.#allowance * ADDRESS_FACTOR) throw this.#refusal(window.endsAt);
    const total = this.#accounts.get(account)?.count ?? 0;
    const isUnderPressure = total >= Math.max(PRESSURE_FAILURES, this.#allowance * ADDRESS_FACTOR);
    const allowance = isUnderPressure ? ATTEMPTS_UNDER_PRESSURE : this.#allowance;
    return this.#count(key, allowance, { account, address: from });
  }

  /**
   * Counts an attempt of a signed-in user to enter their own password, by the session: attempts of others have no effect on it.
   * @throws Refusal RATE_LIMITED.
   */
  beginConfirmation(session: string): () => void {
    return this.#count(`session ${session}`, this.#allowance);
  }

  #count(key: string, allowance: number, unknown: CountedAttempt["unknown"] = null): () => void {
    const { blockedUntil } = this.#failures.get(key) ?? { blockedUntil: 0 };
    if (blockedUntil > this.#now()) throw this.#refusal(blockedUntil);
    const begun: CountedAttempt = { key, allowance, unknown, hasSucceeded: false };
    this.#addAttempt(begun);
    this.#shared?.countAttempt(begun);
    return () => {
      const succeeded: CountedAttempt = { ...begun, hasSucceeded: true };
      this.#removeAttempt(succeeded);
      this.#shared?.countAttempt(succeeded);
    };
  }

  #applyElsewhere(attempt: CountedAttempt): void {
    if (attempt.hasSucceeded) this.#removeAttempt(attempt);
    else this.#addAttempt(attempt);
  }

  #addAttempt({ key, allowance, unknown }: CountedAttempt): void {
    const failures = this.#failures.get(key) ?? { count: 0, blockedUntil: 0 };
    failures.count += 1;
    const excess = failures.count - allowance;
    if (excess >= 0) failures.blockedUntil = this.#now() + Math.min(FIRST_DELAY_MS * 2 ** excess, MAX_DELAY_MS);
    this.#failures.set(key, failures);
    if (unknown !== null) this.#changeTotals(unknown, 1);
  }

  #removeAttempt({ key, unknown }: CountedAttempt): void {
    this.#failures.delete(key);
    if (unknown !== null) this.#changeTotals(unknown, -1);
  }

  #changeTotals({ account, address }: NonNullable<CountedAttempt["unknown"]>, by: 1 | -1): void {
    const window = this.#window(address);
    window.count = Math.max(0, window.count + by);
    const total = this.#accounts.get(account)?.count ?? 0;
    this.#accounts.set(account, { count: Math.max(0, total + by) });
  }

  #window(address: string): Window {
    const current = this.#addresses.get(address);
    if (current !== undefined && current.endsAt > this.#now()) return current;
    const fresh = { count: 0, endsAt: this.#now() + ADDRESS_WINDOW_MS };
    this.#addresses.set(address, fresh);
    return fresh;
  }

  #refusal(until: number): Refusal {
    const retryAfter = Math.max(1, Math.ceil((until - this.#now()) / 1000));
    return new Refusal("RATE_LIMITED", "Too many sign-in attempts. Wait a moment.", { retryAfter });
  }
}
