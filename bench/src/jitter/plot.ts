import { plotPercentiles } from "../report/percentile-plot.ts";
import { type Measurement, type Phase, SUBJECTS, type Subject } from "./plan.ts";

const COLORS: Readonly<Record<Subject, string>> = {
  multichat: "#1f7a5a",
  "socket.io": "#8a8f98",
  "socket.io recovery": "#d9822b",
};
const PANEL_TITLES: Readonly<Record<Phase, string>> = {
  jitter: "caught up after reconnecting, dropped one by one",
  wave: "the same, all dropped at once",
};

/** Plots the share of connections that had caught up, over the time since they reconnected. */
export function plot(measurements: readonly Measurement[]): string {
  const panels = (["jitter", "wave"] as const).map((phase) => ({
    title: PANEL_TITLES[phase],
    lines: SUBJECTS.flatMap((name) =>
      measurements
        .filter(
          (measurement) =>
            measurement.subject === name && measurement.phase === phase && measurement.catchUpMs.count > 0,
        )
        .map(({ catchUpPercentiles }) => ({ name, color: COLORS[name], percentiles: catchUpPercentiles })),
    ),
  }));
  return plotPercentiles("Connections that had caught up, over the time since they reconnected", panels);
}
