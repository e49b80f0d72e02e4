import { plotLines } from "../report/line-plot.ts";
import type { Spread } from "../report/spread.ts";
import { SUBJECTS } from "./plan.ts";
import type { Row } from "./report.ts";

/** Plots deliveries, CPU and latency over the rate, for all subjects. */
export function plotRates(rows: readonly Row[]): string {
  const lines = (value: (row: Row) => Spread) =>
    SUBJECTS.map((name) => ({
      name,
      points: rows
        .filter(({ subject }) => subject === name)
        .map((row) => {
          const { median, min, max } = value(row);
          return { x: row.rate, y: median, low: min, high: max };
        }),
    })).filter(({ points }) => points.length > 0);
  const xTitle = "messages/s into the room";
  return plotLines("Deliveries, CPU and latency over the rate of messages", [
    { title: "deliveries/s", xTitle, lines: lines((row) => row.deliveriesPerSecond) },
    { title: "server CPU, us per delivery", xTitle, lines: lines((row) => row.cpuMicrosPerDelivery) },
    { title: "p99 latency, ms", xTitle, lines: lines((row) => row.p99Ms) },
  ]);
}
