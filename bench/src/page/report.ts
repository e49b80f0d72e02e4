import { formatDuration, quantile } from "../report/quantile.ts";
import { formatTable } from "../report/table.ts";
import type { PageResult } from "./plan.ts";

const LOAD_COLUMNS = ["CPU", "page", "loads", "ready p50", "slowest", "max layout shift"];
const STREAM_COLUMNS = [
  "CPU",
  "messages",
  "frame p50",
  "p95",
  "p99",
  "longest",
  "main thread per message",
  "tasks over 50 ms",
  "layout shift",
  "heap before",
  "after",
];

/** Formats how long pages take until they are interactive. */
export function loadTable({ loads }: PageResult): string {
  return formatTable(
    LOAD_COLUMNS,
    loads.map((result) => {
      const ready = result.loads.map(({ readyMs }) => readyMs).toSorted((a, b) => a - b);
      return [
        cpuLabel(result.slowdown),
        result.page,
        String(ready.length),
        formatDuration(quantile(ready, 0.5)),
        formatDuration(ready.at(-1) ?? Number.NaN),
        Math.max(...result.loads.map(({ layoutShift }) => layoutShift)).toFixed(4),
      ];
    }),
  );
}

/** Formats how a page performs while messages arrive. */
export function streamTable({ streams }: PageResult): string {
  return formatTable(
    STREAM_COLUMNS,
    streams.map((result) => [
      cpuLabel(result.slowdown),
      result.messages.toLocaleString("en"),
      ...[0.5, 0.95, 0.99, 1].map((share) => `${quantile(result.framesMs, share).toFixed(1)} ms`),
      `${result.mainThreadMs.toFixed(2)} ms`,
      result.longTasksMs.length === 0
        ? "0"
        : `${result.longTasksMs.length}, up to ${(result.longTasksMs.at(-1) ?? 0).toFixed(0)} ms`,
      result.layoutShift.toFixed(4),
      ...result.heapBytes.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`),
    ]),
  );
}

function cpuLabel(slowdown: number): string {
  return slowdown === 1 ? "full speed" : `1/${slowdown}`;
}
