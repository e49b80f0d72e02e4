import { type Section, writeSection } from "../report/section.ts";
import type { Measurement } from "./plan.ts";
import { fanoutSummaries, fanoutTable } from "./report.ts";

/** A complete run, as stored in docs/benchmarks/. */
export interface Report {
  readonly command: string;
  readonly at: string;
  readonly node: string;
  readonly members: number;
  readonly pinned: boolean;
  readonly measurements: readonly Measurement[];
}

const SECTION: Section = {
  document: new URL("../../../docs/benchmarks.md", import.meta.url),
  name: "fan-out",
  command: "npm run bench:fanout",
};

/** Writes a run's numbers into the documentation, so that they always match the command beside them. */
export async function writeDocument(report: Report): Promise<void> {
  const day = report.at.slice(0, 10);
  const cores = report.pinned ? "each on its own core" : "sharing all cores";
  const lines = [
    `Measured on ${day}, Node ${report.node.slice(1)}, ${report.members} members, server and clients ${cores}:`,
    "",
    fanoutTable(report.measurements),
    "",
    ...fanoutSummaries(report.measurements)
      .split("\n")
      .map((line) => `- ${line}`),
  ];
  await writeSection(SECTION, lines);
}
