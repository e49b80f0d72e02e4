import { formatTable } from "../report/table.ts";
import type { ClassGrowth, MemoryResult, ServerMemory } from "./plan.ts";

const MEGABYTE = 1_024 * 1_024;
const MAX_CLASSES = 60;

export function memoryTable(results: readonly MemoryResult[]): string {
  return formatTable(
    [
      "connections",
      "ready ms",
      "at rest MB",
      "connected MB",
      "KB each: RSS",
      "anonymous",
      "heap used",
      "heap",
      "external",
    ],
    results.map(({ plan: { connections }, readyAfterMs, atRest, connected }) => {
      const each = (name: keyof ServerMemory): string =>
        ((connected[name] - atRest[name]) / connections / 1_024).toFixed(1);
      return [
        connections.toLocaleString("en"),
        String(Math.round(readyAfterMs)),
        (atRest.rssBytes / MEGABYTE).toFixed(0),
        (connected.rssBytes / MEGABYTE).toFixed(0),
        each("rssBytes"),
        each("anonymousBytes"),
        each("heapUsedBytes"),
        each("heapTotalBytes"),
        each("externalBytes"),
      ];
    }),
  );
}

/** The classes whose objects the connections have added to the main thread's heap, the largest first. */
export function classTable(classes: readonly ClassGrowth[], connections: number): string {
  return formatTable(
    ["bytes each", "objects each", "class"],
    classes
      .slice(0, MAX_CLASSES)
      .map(({ name, count, bytes }) => [
        (bytes / connections).toFixed(0),
        (count / connections).toFixed(2),
        name.replaceAll("|", " ").slice(0, 60),
      ]),
  );
}
