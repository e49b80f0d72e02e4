import { duration } from "../report/quantile.ts";
import { table } from "../report/table.ts";
import type { DeployResult } from "./plan.ts";

const titles = [
  "restart by",
  "connections",
  "not back",
  "server away",
  "away p50",
  "away p99",
  "catch-up p50",
  "catch-up p99",
  "signal to all",
];

/** The measurements as a table that is readable and is Markdown. */
export function deployTable({ measurements }: DeployResult): string {
  return table(
    titles,
    measurements.map((one) => [
      one.restart,
      one.connections.toLocaleString("en"),
      one.neverBack.toLocaleString("en"),
      duration(one.serverAwayMs),
      duration(one.awayMs.p50),
      duration(one.awayMs.p99),
      duration(one.catchUpMs.p50),
      duration(one.catchUpMs.p99),
      duration(one.sinceSignalMs.max),
    ]),
  );
}

/** What the audit says, in one sentence. */
export function deployAudit({ sent, acknowledged, deliveries, counts }: DeployResult): string {
  const n = (value: number) => value.toLocaleString("en");
  return (
    `${n(sent)} messages were sent meanwhile, ${n(acknowledged)} acknowledged, and ${n(deliveries)} events told: ` +
    `lost ${counts.lost}, doubled ${counts.doubled}, out of order ${counts.disordered}, other than in the database ${counts.different}.`
  );
}
