import { plotLines } from "../report/line-plot.ts";
import { type Measurement, SUBJECTS } from "./plan.ts";

/** Plots deliveries, CPU and latency over the rate. */
export function plot(measurements: readonly Measurement[]): string {
  const lines = (value: (measurement: Measurement) => number) =>
    SUBJECTS.toReversed().map((name) => ({
      name,
      points: measurements
        .filter(({ subject }) => subject === name)
        .map((measurement) => ({ x: measurement.rate, y: value(measurement) })),
    }));
  const xTitle = "messages/s into the room";
  return plotLines("Deliveries per second, CPU and latency over the rate of messages, for ws, Socket.IO and channels", [
    { title: "deliveries/s", xTitle, lines: lines((measurement) => measurement.deliveriesPerSecond) },
    { title: "server CPU, us per delivery", xTitle, lines: lines((measurement) => measurement.cpuMicrosPerDelivery) },
    { title: "p99 latency, ms", xTitle, lines: lines((measurement) => measurement.p99Ms) },
  ]);
}
