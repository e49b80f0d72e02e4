import type { Measurement } from "./plan.ts";

/** Returns the median of each figure over the rounds of one subject and setting, with the spread of the first two. */
export function summarizeRounds(rounds: readonly Measurement[]): Measurement {
  const [first] = rounds;
  if (first === undefined) throw new RangeError("Expected at least one round.");
  const sorted = (figure: (round: Measurement) => number) => rounds.map(figure).toSorted((a, b) => a - b);
  const median = (values: readonly number[]) => values[Math.floor(values.length / 2)] ?? Number.NaN;
  const rates = sorted((round) => round.messagesPerSecond);
  const costs = sorted((round) => round.cpuMicrosPerDelivery);
  return {
    ...first,
    messagesPerSecond: median(rates),
    cpuMicrosPerDelivery: median(costs),
    p50Ms: median(sorted((round) => round.p50Ms)),
    p99Ms: median(sorted((round) => round.p99Ms)),
    ...(rounds.length === 1
      ? {}
      : {
          spread: {
            messagesPerSecond: [rates[0] ?? Number.NaN, rates.at(-1) ?? Number.NaN],
            cpuMicrosPerDelivery: [costs[0] ?? Number.NaN, costs.at(-1) ?? Number.NaN],
          },
        }),
  };
}

/** Puts measurements in the place of earlier ones of the same setting. */
export function replaceMeasured(earlier: readonly Measurement[], newer: readonly Measurement[]): Measurement[] {
  const keyOf = ({ subject, processes, groups }: Measurement) => `${subject} ${processes} ${groups}`;
  const keys = new Set(newer.map(keyOf));
  return [...earlier.filter((measurement) => !keys.has(keyOf(measurement))), ...newer];
}
