import { ChannelsError } from "../errors.ts";

/** The capacity of the channels whose names match a pattern. */
export interface CapacityRule {
  /** A name, a prefix followed by `*` (as in `"chat.*"` or `"http.response!*"`), or a regular expression. */
  readonly channel: string | RegExp;
  /** Number of messages, at least 1. */
  readonly capacity: number;
}

/**
 * Compiles rules to a function that returns a channel's capacity: that of the first rule that matches its name, or
 * else the default.
 */
export function compileCapacityRules(
  rules: readonly CapacityRule[],
  defaultCapacity: number,
): (channel: string) => number {
  const compiled = rules.map((rule, index) => ({
    matches: compileMatcher(rule.channel, index),
    capacity: rule.capacity,
  }));
  if (compiled.length === 0) return () => defaultCapacity;
  return (channel) => compiled.find((rule) => rule.matches(channel))?.capacity ?? defaultCapacity;
}

function compileMatcher(pattern: string | RegExp, index: number): (channel: string) => boolean {
  if (pattern instanceof RegExp) {
    // With the flag `g` or `y`, `test` starts where the last match ended, so every second call would fail.
    const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return (channel) => stateless.test(channel);
  }
  const star = pattern.indexOf("*");
  if (star === -1) return (channel) => channel === pattern;
  if (star !== pattern.length - 1) {
    throw new ChannelsError("InvalidOption", {
      option: `channelCapacity[${index}].channel`,
      expected: 'a name, a prefix that ends in "*", or a regular expression',
      got: pattern,
    });
  }
  const prefix = pattern.slice(0, -1);
  return (channel) => channel.startsWith(prefix);
}
