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
    matches: compileNamePattern(rule.channel, `channelCapacity[${index}].channel`),
    capacity: rule.capacity,
  }));
  if (compiled.length === 0) return () => defaultCapacity;
  return (channel) => compiled.find((rule) => rule.matches(channel))?.capacity ?? defaultCapacity;
}

/**
 * Returns a function that matches names: one name, those with a prefix followed by `*`, or those of a regular expression.
 * @throws InvalidOption naming the option when the pattern is none of them.
 */
export function compileNamePattern(pattern: string | RegExp, option: string): (name: string) => boolean {
  if (pattern instanceof RegExp) {
    // With the flag `g` or `y`, `test` starts where the last match ended, so every second call would fail.
    const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return (name) => stateless.test(name);
  }
  const star = pattern.indexOf("*");
  if (star === -1) return (name) => name === pattern;
  if (star !== pattern.length - 1) {
    throw new ChannelsError("InvalidOption", {
      option,
      expected: 'a name, a prefix that ends in "*", or a regular expression',
      got: pattern,
    });
  }
  const prefix = pattern.slice(0, -1);
  return (name) => name.startsWith(prefix);
}
