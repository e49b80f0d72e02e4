import { formatDuration } from "../report/quantile.ts";
import { formatTable } from "../report/table.ts";
import type { Measurement, Phase } from "./plan.ts";

const COLUMNS = [
  "drops",
  "subject",
  "posted",
  "delivered",
  "missing",
  "duplicated",
  "not caught up",
  "catch-up p50",
  "p99",
  "max",
  "recovery p99",
  "server CPU s",
  "RSS MB",
];

const PHASE_LABELS: Readonly<Record<Phase, string>> = { jitter: "one by one", wave: "all at once" };

/** Formats the measurements as a Markdown table. */
export function jitterTable(measurements: readonly Measurement[]): string {
  return formatTable(
    COLUMNS,
    measurements.map((measurement) => [
      PHASE_LABELS[measurement.phase],
      measurement.subject,
      measurement.posted.toLocaleString("en"),
      deliveredShare(measurement),
      (measurement.expected - measurement.delivered).toLocaleString("en"),
      measurement.duplicated.toLocaleString("en"),
      measurement.neverCaughtUp.toLocaleString("en"),
      formatDuration(measurement.catchUpMs.p50),
      formatDuration(measurement.catchUpMs.p99),
      formatDuration(measurement.catchUpMs.max),
      formatDuration(measurement.recoveryMs.p99),
      (measurement.serverCpuMs / 1_000).toFixed(1),
      String(Math.round(measurement.serverRssBytes / 1e6)),
    ]),
  );
}

/** Rounded down, so that 100 % means all. */
function deliveredShare({ delivered, expected }: Measurement): string {
  return `${(Math.floor((delivered / Math.max(1, expected)) * 100_000) / 1_000).toFixed(3)} %`;
}

/** Compares multichat with the other subjects, in sentences. */
export function jitterSummaries(measurements: readonly Measurement[]): string {
  return measurements
    .filter(({ subject }) => subject === "multichat")
    .flatMap((ours) => {
      const prefix = `Dropped ${PHASE_LABELS[ours.phase]}:`;
      const others = measurements.filter(({ subject, phase }) => subject !== "multichat" && phase === ours.phase);
      return [
        `${prefix} multichat delivered ${deliveredShare(ours)}, catch-up p99 ${formatDuration(ours.catchUpMs.p99)}.`,
        ...others.map((other) => `${prefix} ${summaryOf(other)}.`),
      ];
    })
    .join("\n");
}

function summaryOf(measurement: Measurement): string {
  const { subject, catchUpMs, neverCaughtUp } = measurement;
  const catchUp = `catch-up p99 ${formatDuration(catchUpMs.p99)}`;
  const missed = `, and ${neverCaughtUp.toLocaleString("en")} connections that never caught up`;
  return `${subject} delivered ${deliveredShare(measurement)}, ${catchUp}${neverCaughtUp === 0 ? "" : missed}`;
}
