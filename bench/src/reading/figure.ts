import type { Timed } from "./measured-server.ts";
import type { Figure, Part } from "./plan.ts";

/** Formats milliseconds with as many digits as are of interest. */
export function formatMs(ms: number): string {
  if (Number.isNaN(ms)) return "-";
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 10_000 ? `${Math.round(ms).toLocaleString("en")} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** Makes a line of the result from times. @param goal milliseconds, and which of the times has to be within them */
export function timesFigure(
  part: Part,
  name: string,
  { p50, p99, max, limit }: Timed,
  goal?: { readonly ms: number; readonly of: "p50" | "p99" | "max" },
): Figure {
  const texts = { p50: formatMs(p50), p99: formatMs(p99), max: formatMs(max) };
  if (goal === undefined) return { part, name, ...texts, limit };
  const isMet = { p50, p99, max }[goal.of] <= goal.ms;
  return { part, name, goal: `${goal.of} ${formatMs(goal.ms).replace(".00", "")}`, isMet, ...texts, limit };
}
