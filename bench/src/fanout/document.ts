import { readFile, writeFile } from "node:fs/promises";
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

const document = new URL("../../../docs/benchmarks.md", import.meta.url);
const start = "<!-- fan-out: written by npm run bench:fanout -->";
const end = "<!-- end of fan-out -->";

/** Puts a run's numbers into the documentation, so that they are always those of the command beside them. */
export async function intoDocument(report: Report): Promise<void> {
  const text = await readFile(document, "utf8");
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from === -1 || to < from) throw new Error(`docs/benchmarks.md must have "${start}" and "${end}", in this order.`);
  const day = report.at.slice(0, 10);
  const cores = report.pinned ? "a core each" : "sharing the cores";
  const lines = [
    start,
    `Measured on ${day}, Node ${report.node.slice(1)}, ${report.members} members, server and clients with ${cores}:`,
    "",
    table(report.measurements),
    "",
    ...ratios(report.measurements)
      .split("\n")
      .map((line) => `- ${line}`),
    "",
  ];
  await writeFile(document, `${text.slice(0, from)}${lines.join("\n")}${text.slice(to)}`);
}
