import type { Sample } from "../product/plan.ts";
import { plotLines } from "../report/line-plot.ts";
import { formatSpread, type Spread, spreadOf } from "../report/spread.ts";
import { formatTable } from "../report/table.ts";
import { PLANS, SERIES, type Series } from "./plan.ts";

/** A measurement of one size of a series. */
export interface ScalingSample {
  readonly series: Series;
  readonly size: number;
  readonly sample: Sample;
}

/** What one size of a series costs. */
export interface ScalingRow {
  readonly series: Series;
  readonly size: number;
  /** Milliseconds of the server's CPU in each second. */
  readonly cpuMsPerSecond: Spread;
  readonly p99Ms: Spread;
  readonly rssMb: Spread;
  /**
   * How steeply the CPU has grown since the size before: by which power of the size. 1 is in proportion, 0 is not at all.
   * Undefined for the first size.
   */
  readonly steepness: number | undefined;
}

/** Steeper than this is more than in proportion; the rest is what measurements differ by. */
const MAX_STEEPNESS = 1.1;

export function scalingRows(samples: readonly ScalingSample[]): readonly ScalingRow[] {
  const rows: ScalingRow[] = [];
  for (const series of SERIES) {
    let previous: ScalingRow | undefined;
    for (const size of PLANS[series].sizes) {
      const ofSize = samples.filter((sample) => sample.series === series && sample.size === size);
      if (ofSize.length === 0) continue;
      const spread = (value: (sample: Sample) => number) => spreadOf(ofSize.map(({ sample }) => value(sample)));
      const cpuMsPerSecond = spread(({ serverCpuMicros, load }) => serverCpuMicros / load.elapsedMs);
      const steepness =
        previous === undefined
          ? undefined
          : Math.log(cpuMsPerSecond.median / previous.cpuMsPerSecond.median) / Math.log(size / previous.size);
      previous = {
        series,
        size,
        cpuMsPerSecond,
        p99Ms: spread(({ load }) => load.p99Ms),
        rssMb: spread(({ rssBytes }) => rssBytes / 1e6),
        steepness,
      };
      rows.push(previous);
    }
  }
  return rows;
}

export function scalingTable(rows: readonly ScalingRow[]): string {
  return formatTable(
    ["series", "size", "server CPU ms/s", "growth", "p99 ms", "RSS MB"],
    rows.map(({ series, size, cpuMsPerSecond, p99Ms, rssMb, steepness }) => [
      series,
      size.toLocaleString("en"),
      formatSpread(cpuMsPerSecond, (value) => value.toFixed(1)),
      steepness === undefined ? "" : `size^${steepness.toFixed(2)}`,
      formatSpread(p99Ms, (value) => value.toFixed(1)),
      formatSpread(rssMb, (value) => value.toFixed(0)),
    ]),
  );
}

/** Says for each series what stays the same, and whether its cost grows faster than its size. */
export function scalingSummaries(rows: readonly ScalingRow[]): readonly string[] {
  return SERIES.flatMap((series) => {
    const steepest = Math.max(...rows.flatMap((row) => (row.series === series ? [row.steepness ?? 0] : [])));
    if (!Number.isFinite(steepest)) return [];
    const verdict = steepest <= MAX_STEEPNESS ? "at most in proportion" : "MORE than in proportion";
    return [`${series} (${PLANS[series].fixed}): the CPU grows ${verdict}, by size^${steepest.toFixed(2)} at most.`];
  });
}

/** Plots the cost of each series over its size. */
export function plotScaling(rows: readonly ScalingRow[]): string {
  const panels = SERIES.map((series) => {
    const own = rows.filter((row) => row.series === series);
    const line = (name: string, value: (row: ScalingRow) => Spread) => ({
      name,
      points: own.map((row) => {
        const { median, min, max } = value(row);
        return { x: row.size, y: median, low: min, high: max };
      }),
    });
    return {
      title: PLANS[series].fixed,
      xTitle: PLANS[series].xTitle,
      lines: [
        line("CPU ms/s", (row) => row.cpuMsPerSecond),
        line("p99 ms", (row) => row.p99Ms),
        line("RSS MB", (row) => row.rssMb),
      ],
    };
  });
  return plotLines("What the chat costs over members, rooms, messages and connections", panels);
}
