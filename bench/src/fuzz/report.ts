import { formatTable } from "../report/table.ts";
import type { TargetResult } from "./result.ts";

const count = (number: number): string => number.toLocaleString("en");

/** Formats the measurements of all targets. */
export function fuzzTable(results: readonly TargetResult[]): string {
  const rows = results.map(({ target, inputs, slowestMs, coverage, corpus, heapMb, failures }) => [
    target,
    count(inputs),
    String(failures.length),
    `${slowestMs.toFixed(1)} ms`,
    coverage === undefined ? "" : `${count(coverage.before)} → ${count(coverage.after)}`,
    `${count(corpus.before)} → ${count(corpus.after)}`,
    `${heapMb.before.toFixed(1)} → ${heapMb.after.toFixed(1)} MB`,
  ]);
  const total = (of: (result: TargetResult) => number) => results.reduce((sum, result) => sum + of(result), 0);
  const all = ["all", count(total(({ inputs }) => inputs)), String(total(({ failures }) => failures.length))];
  return formatTable(
    ["target", "inputs", "failures", "slowest input", "blocks of code run", "corpus", "heap"],
    [...rows, [...all, "", "", "", ""]],
  );
}

/** Lists what failed, each with its shortest input. */
export function failureList(results: readonly TargetResult[]): readonly string[] {
  const failures = results.flatMap((result) => result.failures);
  if (failures.length === 0) return [];
  const lines = failures.map(({ target, message, input }) => {
    const text = JSON.stringify(input).replace(
      /[^ -~]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    return `- ${target}: ${message} (\`${text.slice(0, 80).replaceAll("`", "'")}\`)`;
  });
  return ["", "Not fixed at the time of this run:", "", ...lines];
}
