import { formatTable } from "../../report/table.ts";
import { FINDING_KINDS } from "./check-state.ts";
import { FACT_KINDS } from "./facts.ts";
import type { PowerCutResult } from "./run-power-cuts.ts";
import { CUT_KINDS, type CutKind } from "./storage.ts";

const STATES: Readonly<Record<CutKind, string>> = {
  nothing: "nothing that was not synced",
  ordered: "what came before one moment, torn there",
  pages: "any pages, and any names up to one",
  sectors: "any sectors of 512 bytes, and any names up to one",
  files: "all of some files, nothing of the others",
  everything: "everything, as after kill -9",
};
const MEBIBYTE = 1024 * 1024;
const MAX_DETAILS = 5;

export function powerCutTable(result: PowerCutResult): string {
  const { acknowledged, states, counts } = result;
  const rows: [string, string][] = [
    [
      "recordings; the first server killed, stopped",
      `${result.recordings}; ${result.killed}, ${result.recordings - result.killed}`,
    ],
    [
      "records, of them syncs, of them of the database",
      `${count(result.records)}, ${count(result.syncs)}, ${count(result.checkpoints)}`,
    ],
    ["recorded", `${count(Math.round(result.loggedBytes / MEBIBYTE))} MiB`],
    ...FACT_KINDS.map((kind): [string, string] => [`acknowledged: ${kind}`, count(acknowledged[kind])]),
    ["cuts", count(result.cuts)],
    ...CUT_KINDS.map((kind): [string, string] => [`states: ${STATES[kind]}`, count(states[kind])]),
    ["whole servers started on a state", count(result.servers)],
    ["acknowledged changes looked for", count(result.compared)],
    ...FINDING_KINDS.map((kind): [string, string] => [kind, count(counts[kind])]),
  ];
  return formatTable(["measure", "count"], rows);
}

export function powerCutSummary(result: PowerCutResult): string {
  const states = CUT_KINDS.reduce((sum, kind) => sum + result.states[kind], 0);
  const { lost, returned, duplicated } = result.counts;
  return `${count(result.cuts)} cuts, ${count(states)} states: ${lost} lost, ${returned} returned, ${duplicated} duplicated; ${result.failedStates} states failed.`;
}

export function powerCutFailureLines({ failures, evidence }: PowerCutResult): readonly string[] {
  const lines = failures.map(({ recording, cut, position, kind, findings }) => {
    const details = findings.slice(0, MAX_DETAILS).map((finding) => `  ${finding.kind}: ${finding.detail}`);
    const more = findings.length > MAX_DETAILS ? [`  … and ${findings.length - MAX_DETAILS} more`] : [];
    return [`recording ${recording}, cut ${cut} at byte ${position}, ${kind}:`, ...details, ...more].join("\n");
  });
  return [...lines, ...evidence.map((folder) => `To repeat: npm run pull-the-plug -- --replay ${folder}`)];
}

function count(value: number): string {
  return value.toLocaleString("en");
}
