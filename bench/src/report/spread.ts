/** The median of several rounds, with the lowest and the highest. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
}

/** Summarizes the values of the rounds. Of an even number of them the median is the mean of the two in the middle. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return {
    median: (low + high) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
    rounds: sorted.length,
  };
}

/** Formats a median, and in parentheses the lowest and the highest value where they differ as written. */
export function formatSpread({ median, min, max }: Spread, format: (value: number) => string): string {
  const [middle, low, high] = [format(median), format(min), format(max)];
  return low === high ? middle : `${middle} (${low}-${high})`;
}
