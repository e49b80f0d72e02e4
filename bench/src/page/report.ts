import { duration, quantile } from "../report/quantile.ts";
import { table } from "../report/table.ts";
import type { PageResult } from "./plan.ts";

const loadTitles = ["CPU", "page", "loads", "ready p50", "slowest", "layout shift, most"];
const streamTitles = [
  "CPU",
  "messages",
  "frame p50",
  "p95",
  "p99",
  "longest",
  "main thread, a message",
  "heap before",
  "after",
];

/** How long until a page answers. */
export function loadTable({ loads }: PageResult): string {
  return table(
    loadTitles,
    loads.map((one) => {
      const ready = one.loads.map(({ readyMs }) => readyMs).toSorted((a, b) => a - b);
      return [
        cpu(one.slowdown),
        one.page,
        String(ready.length),
        duration(quantile(ready, 0.5)),
        duration(ready.at(-1) ?? Number.NaN),
        Math.max(...one.loads.map(({ layoutShift }) => layoutShift)).toFixed(4),
      ];
    }),
  );
}

/** What a page does while messages come in. */
export function streamTable({ streams }: PageResult): string {
  return table(
    streamTitles,
    streams.map((one) => [
      cpu(one.slowdown),
      one.messages.toLocaleString("en"),
      ...[0.5, 0.95, 0.99, 1].map((share) => `${quantile(one.framesMs, share).toFixed(1)} ms`),
      `${one.mainThreadMs.toFixed(2)} ms`,
      ...one.heapBytes.map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`),
    ]),
  );
}

function cpu(slowdown: number): string {
  return slowdown === 1 ? "as it is" : `1/${slowdown}`;
}
