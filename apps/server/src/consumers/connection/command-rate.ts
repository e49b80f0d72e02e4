import type { SharedLimits } from "../../access/shared-limits.ts";
import { type Rate, TokenBucket } from "../../access/token-bucket.ts";

/** How long a connection can exceed its rate before it is slowed down, in seconds' worth of refused commands. */
const FLOOD_SECONDS = 4;
/** The longest time for which a connection is not read, so that the loss of access still reaches it soon. */
const MAX_PAUSE_MS = 100;
/** The rate of an account on all its connections to this process, in times of that of one connection. */
const ACCOUNT_FACTOR = 2;
/** Accounts whose rates are remembered; beyond it the least recently used is forgotten. */
const MAX_ACCOUNTS = 100_000;
export type RateVerdict =
  | { readonly kind: "pass" }
  /**
   * `retryAfter` is in seconds. `pauseMs`: the client ignores the refusals, so its next command should not be read earlier;
   * 0 for any other.
   */
  | { readonly kind: "refuse"; readonly retryAfter: number; readonly pauseMs: number };

const PASS: RateVerdict = Object.freeze({ kind: "pass" });

let lastRate: Rate = Object.freeze({ burst: 2, perSecond: 1 });

/** Returns the rate of `perSecond` sustained commands, and of bursts of twice as many. Connections with the same rate share it. */
function rateOf(perSecond: number): Rate {
  if (lastRate.perSecond !== perSecond) lastRate = Object.freeze({ burst: 2 * perSecond, perSecond });
  return lastRate;
}

/** The budget of an account, which reports what its connections to this process take. */
class AccountBudget extends TokenBucket {
  readonly #report: ((cost: number) => void) | undefined;

  constructor(rate: Rate, report: ((cost: number) => void) | undefined) {
    super(rate, performance.now());
    this.#report = report;
  }

  override take(cost = 1): void {
    super.take(cost);
    this.#report?.(cost);
  }

  takeElsewhere(cost: number): void {
    super.take(cost);
  }
}

/** The budgets of the accounts, so that twenty connections of one account do not have twenty rates. */
export class AccountBudgets {
  readonly #rate: Rate;
  readonly #shared: Pick<SharedLimits, "use" | "onUsed"> | undefined;
  readonly #budgets = new Map<string, AccountBudget>();

  /**
   * @param perSecond the rate of one connection.
   * @param shared takes what connections to the other servers take. @default only those to this process count
   */
  constructor(perSecond: number, shared?: Pick<SharedLimits, "use" | "onUsed"> | undefined) {
    this.#rate = rateOf(ACCOUNT_FACTOR * perSecond);
    this.#shared = shared;
    shared?.onUsed("commands", (user, cost) => this.#budgetOf(user).takeElsewhere(cost));
  }

  of(user: string): TokenBucket {
    return this.#budgetOf(user);
  }

  #budgetOf(user: string): AccountBudget {
    const shared = this.#shared;
    const report = shared === undefined ? undefined : (cost: number) => shared.use("commands", user, cost);
    const budget = this.#budgets.get(user) ?? new AccountBudget(this.#rate, report);
    // A map iterates in insertion order: reinserting the key makes the least recently used one the first.
    this.#budgets.delete(user);
    this.#budgets.set(user, budget);
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > MAX_ACCOUNTS && oldest !== undefined) this.#budgets.delete(oldest);
    return budget;
  }
}

function monotonicMs(): number {
  return performance.now();
}

export interface CommandRateOptions {
  /** The budget that all connections of the account share. @default none */
  readonly account?: TokenBucket;
  /** A monotonic clock in milliseconds. @default performance.now */
  readonly now?: () => number;
}

/**
 * The rate of one connection, within that of its account. Each passed command offsets one refused command, so a client
 * slightly above its rate is only asked to wait, and one that keeps flooding is read more slowly. Nobody is disconnected.
 */
export class CommandRate {
  readonly #perSecond: number;
  readonly #own: TokenBucket;
  readonly #account: TokenBucket | undefined;
  readonly #now: () => number;
  #refused = 0;

  constructor(perSecond: number, { account, now = monotonicMs }: CommandRateOptions = {}) {
    this.#perSecond = perSecond;
    this.#account = account;
    this.#now = now;
    this.#own = new TokenBucket(rateOf(perSecond), now());
  }

  take(): RateVerdict {
    const now = this.#now();
    const waitMs = Math.max(this.#own.waitMs(now), this.#account?.waitMs(now) ?? 0);
    if (waitMs <= 0) {
      this.charge(1);
      if (this.#refused > 0) this.#refused -= 1;
      return PASS;
    }
    const maxRefused = FLOOD_SECONDS * this.#perSecond;
    const isFlood = this.#refused >= maxRefused;
    this.#refused = Math.min(maxRefused, this.#refused + 1);
    const pauseMs = isFlood ? Math.min(MAX_PAUSE_MS, Math.ceil(waitMs)) : 0;
    return { kind: "refuse", retryAfter: Math.ceil(waitMs) / 1_000, pauseMs };
  }

  /** Charges a command that passed for what it costs beyond an ordinary one, as soon as that is known. */
  charge(cost: number): void {
    this.#own.take(cost);
    this.#account?.take(cost);
  }
}
