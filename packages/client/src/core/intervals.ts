/** Seqs from `lo` to `hi`, both included. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** @returns sorted, disjoint, not touching; those given are so too. */
export function addInterval(intervals: readonly Interval[], lo: number, hi: number): readonly Interval[] {
  if (lo > hi) return intervals;
  const before = intervals.filter((i) => i.hi < lo - 1);
  const after = intervals.filter((i) => i.lo > hi + 1);
  const touched = intervals.filter((i) => i.hi >= lo - 1 && i.lo <= hi + 1);
  const merged = {
    lo: Math.min(lo, ...touched.map((i) => i.lo)),
    hi: Math.max(hi, ...touched.map((i) => i.hi)),
  };
  return [...before, merged, ...after];
}

export function subtractInterval(intervals: readonly Interval[], lo: number, hi: number): readonly Interval[] {
  if (lo > hi) return intervals;
  return intervals.flatMap((i) => {
    if (i.hi < lo || i.lo > hi) return [i];
    const left = i.lo < lo ? [{ lo: i.lo, hi: lo - 1 }] : [];
    const right = i.hi > hi ? [{ lo: hi + 1, hi: i.hi }] : [];
    return [...left, ...right];
  });
}
