import {
  type CapacityRule,
  type Clock,
  checkOptions,
  compileCapacityRules,
  MAX_DELAY_MS,
  requireInteger,
} from "@multichat/channels/layer";
import { toSeconds } from "./queue-keys.ts";

/** An expiry for the channels that a pattern matches. */
export interface ExpiryRule {
  /** A name, a prefix followed by `*`, or a regular expression, as in `channelCapacity`. */
  readonly channel: string | RegExp;
  /** Milliseconds, at least 1. */
  readonly expiryMs: number;
}

/** When the messages of each channel expire. */
export class MessageExpiry {
  /** The longest expiry of any channel. */
  readonly maxMs: number;
  readonly #clock: Clock;
  readonly #msOf: (channel: string) => number;

  /** @throws InvalidOption naming the rule that is out of bounds. */
  constructor(rules: readonly ExpiryRule[], defaultMs: number, clock: Clock) {
    const resolved = toCapacityRules(rules);
    this.maxMs = Math.max(defaultMs, ...resolved.map(({ capacity }) => capacity));
    this.#clock = clock;
    this.#msOf = compileCapacityRules(resolved, defaultMs);
  }

  /** Returns how long the server keeps a queue that nothing is added to. */
  seconds(queue: string): number {
    return Math.max(1, Math.ceil(this.#msOf(queue) / 1_000));
  }

  /** Returns the score below which a queue's messages have expired. */
  cutoff(queue: string): string {
    return toSeconds(this.#clock.now() - this.#msOf(queue));
  }

  isExpired(queue: string, score: number): boolean {
    return score * 1_000 + this.#msOf(queue) <= this.#clock.now();
  }
}

/** Converts expiry rules to capacity rules, which match channels by the same patterns. */
function toCapacityRules(rules: readonly ExpiryRule[]): readonly CapacityRule[] {
  return rules.map((rule, index) => {
    checkOptions<ExpiryRule>(rule, { channel: true, expiryMs: true }, `channelExpiry[${index}].`);
    const { channel, expiryMs } = rule;
    return { channel, capacity: requireInteger(`channelExpiry[${index}].expiryMs`, expiryMs, 1, MAX_DELAY_MS) };
  });
}
