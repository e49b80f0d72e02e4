import { intoSection, type Section } from "../report/section.ts";
import type { Measurement } from "./plan.ts";
import { ratios, table } from "./report.ts";

/** One whole run, as it is kept in bench/results/. */
export interface Report {
  readonly command: string;
  readonly at: string;
  readonly node: string;
  readonly cores: number;
  /** The version of Python's channels_redis, where there is one. */
  readonly channelsRedis: string | undefined;
  readonly measurements: readonly Measurement[];
}

const section: Section = {
  document: new URL("../../../docs/benchmarks.md", import.meta.url),
  name: "layers",
  command: "npm run bench:layers",
};

/** Puts a run's numbers into the documentation, so that they are always those of the command beside them. */
export async function intoDocument(report: Report): Promise<void> {
  const python = report.channelsRedis === undefined ? "no Python" : `channels_redis ${report.channelsRedis}`;
  const lines = [
    `Measured on ${report.at.slice(0, 10)}, Node ${report.node.slice(1)}, ${python}, all processes and Redis on ${report.cores} cores:`,
    "",
    table(report.measurements),
    "",
    ...ratios(report.measurements)
      .split("\n")
      .map((line) => `- ${line}`),
  ];
  await intoSection(section, lines);
}
