import { plotPercentiles } from "../report/percentile-plot.ts";
import type { DeployResult, Restart } from "./plan.ts";

const COLORS: Readonly<Record<Restart, string>> = { replace: "#3b6fb6", SIGTERM: "#1f7a5a", "kill -9": "#d9822b" };

/** Plots the share of connections that had caught up, over the time since the signal. */
export function plot({ measurements }: DeployResult): string {
  const lines = measurements.map(({ restart, sinceSignalPercentiles }) => ({
    name: restart,
    color: COLORS[restart],
    percentiles: sinceSignalPercentiles,
  }));
  return plotPercentiles("Connections that had caught up, over the time since the signal", [
    { title: "caught up after the signal", lines },
  ]);
}
