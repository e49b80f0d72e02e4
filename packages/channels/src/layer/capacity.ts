import { ChannelsError } from "../errors.ts";

/** A capacity for the channels that a pattern matches. */
export interface CapacityRule {
  /** A name, a beginning followed by `*` (as in `"chat.*"` or `"http.response!*"`), or a regular expression. */
  readonly channel: string | RegExp;
  /** Messages, at least 1. */
  readonly capacity: number;
}

/** The capacity of a channel: that of the first rule that matches its name, else the layer's. */
export function compileCapacityRules(rules: readonly CapacityRule[], otherwise: number): (channel: string) => number {
  const compiled = rules.map((rule, index) => ({
    matches: compileMatcher(rule.channel, index),
    capacity: rule.capacity,
  }));
  if (compiled.length === 0) return () => otherwise;
  return (channel) => compiled.find((rule) => rule.matches(channel))?.capacity ?? otherwise;
}

function compileMatcher(pattern: string | RegExp, index: number): (channel: string) => boolean {
  if (pattern instanceof RegExp) {
    // With `g` or `y` an expression remembers where it stopped, and every second test would fail.
    const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
    return (channel) => stateless.test(channel);
  }
  const star = pattern.indexOf("*");
  if (star === -1) return (channel) => channel === pattern;
  if (star !== pattern.length - 1) {
    throw new ChannelsError("InvalidOption", {
      option: `channelCapacity[${index}].channel`,
      expected: 'a name, a beginning that ends in "*", or a regular expression',
      got: pattern,
    });
  }
  const beginning = pattern.slice(0, -1);
  return (channel) => channel.startsWith(beginning);
}
