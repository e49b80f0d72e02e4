import { intoSection, type Section } from "../report/section.ts";
import type { Measurement } from "./plan.ts";
import { ratios, table } from "./report.ts";

/** One whole run, as it is kept in bench/results/. */
export interface Report {
  readonly command: string;
  readonly at: string;
  readonly node: string;
  readonly members: number;
  readonly pinned: boolean;
  readonly measurements: readonly Measurement[];
}

const section: Section = {
  document: new URL("../../../docs/benchmarks.md", import.meta.url),
  name: "fan-out",
  command: "npm run bench:fanout",
};

/** Puts a run's numbers into the documentation, so that they are always those of the command beside them. */
export async function intoDocument(report: Report): Promise<void> {
  const day = report.at.slice(0, 10);
  const cores = report.pinned ? "a core each" : "sharing the cores";
  const lines = [
    `Measured on ${day}, Node ${report.node.slice(1)}, ${report.members} members, server and clients with ${cores}:`,
    "",
    table(report.measurements),
    "",
    ...ratios(report.measurements)
      .split("\n")
      .map((line) => `- ${line}`),
  ];
  await intoSection(section, lines);
}
