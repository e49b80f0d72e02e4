import { formatTable } from "../report/table.ts";
import type { PostsResult } from "./plan.ts";

const MAIN_THREAD = "MainThread";
const WRITER = "database writer";

/** Formats one run as a row of a table. */
export function postsTable(results: readonly PostsResult[]): string {
  return formatTable(
    [
      "cores",
      "connections",
      "rooms",
      "outstanding",
      "posts/s",
      "p50 ms",
      "p99 ms",
      "main thread us/post",
      "writer us/post",
      "others us/post",
      "server CPU",
      "load us/post",
      "RSS MB",
      "acknowledged, all found",
    ],
    results.map(({ plan, serverMicrosPerPost, audit, ...result }) => {
      const total = Object.values(serverMicrosPerPost).reduce((sum, micros) => sum + micros, 0);
      const main = serverMicrosPerPost[MAIN_THREAD] ?? 0;
      const writer = serverMicrosPerPost[WRITER] ?? 0;
      return [
        String(plan.cores),
        String(plan.connections),
        String(plan.rooms),
        String(plan.outstanding),
        Math.round(result.postsPerSecond).toLocaleString("en"),
        result.p50Ms.toFixed(1),
        result.p99Ms.toFixed(1),
        main.toFixed(0),
        writer.toFixed(0),
        (total - main - writer).toFixed(0),
        `${Math.round(100 * result.serverCpuShare)} %`,
        result.loadMicrosPerPost.toFixed(0),
        String(Math.round(result.rssBytes / 1e6)),
        audit === null ? "-" : describeAudit(audit.acknowledged, audit.findings.length),
      ];
    }),
  );
}

function describeAudit(acknowledged: number, findings: number): string {
  return findings === 0 ? `${acknowledged.toLocaleString("en")}, yes` : `${acknowledged.toLocaleString("en")}, NO`;
}
