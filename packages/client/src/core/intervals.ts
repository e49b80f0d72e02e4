/** The seqs from `lo` to `hi`, both included. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** Adds an interval to sorted, disjoint, non-adjacent intervals, and returns intervals of that form. */
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

/** Removes an interval from sorted, disjoint intervals. */
export function subtractInterval(intervals: readonly Interval[], lo: number, hi: number): readonly Interval[] {
  if (lo > hi) return intervals;
  return intervals.flatMap((i) => {
    if (i.hi < lo || i.lo > hi) return [i];
    const left = i.lo < lo ? [{ lo: i.lo, hi: lo - 1 }] : [];
    const right = i.hi > hi ? [{ lo: hi + 1, hi: i.hi }] : [];
    return [...left, ...right];
  });
}

/** Whether one of the intervals contains the seq. */
export function contains(intervals: readonly Interval[], seq: number): boolean {
  return intervals.some((i) => i.lo <= seq && seq <= i.hi);
}
