import { formatTable } from "../report/table.ts";
import type { LifeResult } from "./life-result.ts";
import type { LivesResult } from "./run-lives.ts";

const MAX_LISTED_FAILURES = 10;

/** Formats how the processes of each scenario ended. */
export function livesTable({ exits }: LivesResult): string {
  const rows = Object.entries(exits).map(([scenario, counts]) => {
    const lives = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const how = Object.entries(counts).map(([exit, count]) => `${exit}: ${count}`);
    return [scenario, String(lives), how.join(", ")];
  });
  return formatTable(["process, phase, ended by", "lives", "exit"], rows.sort());
}

export function livesSummary({ lives, acknowledged, lost, failures }: LivesResult): string {
  const n = (count: number): string => count.toLocaleString("en");
  return `${n(lives)} lives, ${n(acknowledged)} acknowledged messages: ${n(lost)} lost, ${n(failures.length)} lives ended otherwise than expected or left damage.`;
}

export function failureLines(failures: readonly LifeResult[]): readonly string[] {
  return failures.slice(0, MAX_LISTED_FAILURES).map(({ index, scenario, exit, lost, findings, errorOutput }) => {
    const { kind, phase, ending, delayMs } = scenario;
    const what = `life ${index} (${kind}, ${phase}, ${ending} after ${Math.round(delayMs)} ms) ended with ${exit}`;
    return `${what}, lost ${lost}, findings: ${findings.join("; ") || "none"}\n${errorOutput}`;
  });
}
