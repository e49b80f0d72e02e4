import { type Section, writeSection } from "../report/section.ts";
import type { Measurement } from "./plan.ts";
import { layersSummaries, layersTable } from "./report.ts";

/** A complete run, as stored in docs/benchmarks/. */
export interface Report {
  readonly command: string;
  readonly at: string;
  readonly node: string;
  readonly cores: number;
  /** The version of Python's channels_redis, if it is installed. */
  readonly channelsRedis: string | undefined;
  readonly measurements: readonly Measurement[];
}

const SECTION: Section = {
  document: new URL("../../../docs/benchmarks.md", import.meta.url),
  name: "layers",
  command: "npm run bench:layers",
};

/** Writes a run's numbers into the documentation, so that they always match the command beside them. */
export async function writeDocument(report: Report): Promise<void> {
  const python = report.channelsRedis === undefined ? "no Python" : `channels_redis ${report.channelsRedis}`;
  const lines = [
    `Measured on ${report.at.slice(0, 10)}, Node ${report.node.slice(1)}, ${python}, all processes and Redis on ${report.cores} cores (rows without a spread: in an earlier run):`,
    "",
    layersTable(report.measurements),
    "",
    ...layersSummaries(report.measurements)
      .split("\n")
      .map((line) => `- ${line}`),
  ];
  await writeSection(SECTION, lines);
}
