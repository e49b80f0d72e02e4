import { readFile } from "node:fs/promises";
import { type CheckedState, checkState } from "./check-state.ts";
import type { Fact } from "./facts.ts";

// A process that checks states, one after another; `state-checkers.ts` starts it.

export interface CheckTask {
  /** The facts of the run, as JSON. */
  readonly factsFile: string;
  readonly folder: string;
  readonly cut: number;
}

let facts: { readonly file: string; readonly all: readonly Fact[] } | undefined;

process.on("message", (task: CheckTask) => {
  void check(task).then((checked) => process.send?.(checked));
});

async function check({ factsFile, folder, cut }: CheckTask): Promise<CheckedState> {
  // Written by the process that started this one.
  if (facts?.file !== factsFile)
    facts = { file: factsFile, all: JSON.parse(await readFile(factsFile, "utf8")) as Fact[] };
  return checkState(folder, facts.all, cut);
}
