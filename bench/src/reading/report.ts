import { formatTable } from "../report/table.ts";
import type { Figure } from "./plan.ts";

export function readingTable(figures: readonly Figure[]): string {
  return formatTable(
    ["", "goal", "p50", "p99", "max", "met", "of the server's threads"],
    figures.map(({ name, goal, isMet, p50, p99, max, limit }) => [
      name,
      goal ?? "",
      p50,
      p99,
      max,
      isMet === undefined ? "" : isMet ? "yes" : "NO",
      limit,
    ]),
  );
}
