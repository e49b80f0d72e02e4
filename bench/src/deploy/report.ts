import { formatDuration } from "../report/quantile.ts";
import { formatTable } from "../report/table.ts";
import type { DeployResult } from "./plan.ts";

const COLUMNS = [
  "restart by",
  "connections",
  "not recovered",
  "server down",
  "offline p50",
  "offline p99",
  "catch-up p50",
  "catch-up p99",
  "signal to all",
];

/** Formats the measurements as a Markdown table. */
export function deployTable({ measurements }: DeployResult): string {
  return formatTable(
    COLUMNS,
    measurements.map((measurement) => [
      measurement.restart,
      measurement.connections.toLocaleString("en"),
      measurement.neverRecovered.toLocaleString("en"),
      formatDuration(measurement.serverDownMs),
      formatDuration(measurement.offlineMs.p50),
      formatDuration(measurement.offlineMs.p99),
      formatDuration(measurement.catchUpMs.p50),
      formatDuration(measurement.catchUpMs.p99),
      formatDuration(measurement.sinceSignalMs.max),
    ]),
  );
}

/** Summarizes the audit in one sentence. */
export function deployAudit({ sent, acknowledged, deliveries, counts }: DeployResult): string {
  const n = (value: number) => value.toLocaleString("en");
  return (
    `During the run ${n(sent)} messages were sent, ${n(acknowledged)} acknowledged, and ${n(deliveries)} events delivered: ` +
    `lost ${counts.lost}, duplicated ${counts.duplicated}, out of order ${counts.outOfOrder}, different from the database ${counts.different}.`
  );
}
