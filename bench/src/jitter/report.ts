import { duration } from "../report/quantile.ts";
import { table } from "../report/table.ts";
import type { Measurement } from "./plan.ts";

const titles = [
  "drops",
  "contestant",
  "posted",
  "delivered",
  "missing",
  "doubled",
  "not level",
  "catch-up p50",
  "p99",
  "max",
  "back p99",
  "server CPU s",
  "RSS MB",
];

/** The measurements as a table that is readable and is Markdown. */
export function jitterTable(measurements: readonly Measurement[]): string {
  return table(
    titles,
    measurements.map((one) => [
      one.phase === "jitter" ? "one by one" : "all at once",
      one.contestant,
      one.posted.toLocaleString("en"),
      share(one),
      (one.expected - one.delivered).toLocaleString("en"),
      one.doubled.toLocaleString("en"),
      one.neverLevel.toLocaleString("en"),
      duration(one.catchUpMs.p50),
      duration(one.catchUpMs.p99),
      duration(one.catchUpMs.max),
      duration(one.backMs.p99),
      (one.serverCpuMs / 1_000).toFixed(1),
      String(Math.round(one.serverRssBytes / 1e6)),
    ]),
  );
}

/** Rounded down: 100 % is all. */
function share({ delivered, expected }: Measurement): string {
  return `${(Math.floor((delivered / Math.max(1, expected)) * 100_000) / 1_000).toFixed(3)} %`;
}

/** What was to be shown, in sentences. */
export function jitterRatios(measurements: readonly Measurement[]): string {
  return measurements
    .filter(({ contestant }) => contestant === "multichat")
    .flatMap((ours) => {
      const when = ours.phase === "jitter" ? "one by one" : "all at once";
      const others = measurements.filter(({ contestant, phase }) => contestant !== "multichat" && phase === ours.phase);
      return [
        `Dropping ${when}: multichat delivered ${share(ours)}, p99 of the catch-up ${duration(ours.catchUpMs.p99)}.`,
        ...others.map(
          (other) =>
            `Dropping ${when}: ${other.contestant} delivered ${share(other)}, p99 of the catch-up ${duration(other.catchUpMs.p99)}` +
            `${other.neverLevel === 0 ? "" : ` of those that lacked nothing; ${other.neverLevel.toLocaleString("en")} did`}.`,
        ),
      ];
    })
    .join("\n");
}
