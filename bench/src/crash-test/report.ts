import { formatTable } from "../report/table.ts";
import type { CrashTestResult } from "./run-crash-test.ts";
import type { RunResult } from "./run-result.ts";

const MAX_LISTED_FAILURES = 10;

/** Formats how the processes of each scenario ended. */
export function crashTestTable({ exits }: CrashTestResult): string {
  const rows = Object.entries(exits).map(([scenario, counts]) => {
    const runs = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const how = Object.entries(counts).map(([exit, count]) => `${exit}: ${count}`);
    return [scenario, String(runs), how.join(", ")];
  });
  return formatTable(["process, phase, ended by", "runs", "exit"], rows.sort());
}

export function crashTestSummary({ runs, acknowledged, lost, failures }: CrashTestResult): string {
  const n = (count: number): string => count.toLocaleString("en");
  return `${n(runs)} runs, ${n(acknowledged)} acknowledged messages: ${n(lost)} lost, ${n(failures.length)} runs ended otherwise than expected or left damage.`;
}

export function failureLines(failures: readonly RunResult[]): readonly string[] {
  return failures.slice(0, MAX_LISTED_FAILURES).map(({ index, scenario, exit, lost, findings, errorOutput }) => {
    const { kind, phase, ending, delayMs } = scenario;
    const what = `run ${index} (${kind}, ${phase}, ${ending} after ${Math.round(delayMs)} ms) ended with ${exit}`;
    return `${what}, lost ${lost}, findings: ${findings.join("; ") || "none"}\n${errorOutput}`;
  });
}
