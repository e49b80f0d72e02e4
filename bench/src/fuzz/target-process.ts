import { fuzzTarget } from "./fuzz-target.ts";
import { openTarget } from "./open-target.ts";
import type { Failure, TargetResult } from "./result.ts";
import type { TargetName } from "./target.ts";

/** What the process of a target reports to the process that started it. */
export type TargetReport =
  | { readonly kind: "progress"; readonly done: number }
  | { readonly kind: "failure"; readonly failure: Failure }
  | { readonly kind: "result"; readonly result: TargetResult };

// A target in a process of its own: a crash ends nothing else, and its memory is its own.

const [name = "", inputs = "", seed = ""] = process.argv.slice(2);
// The cast holds: only target-runner.ts starts this file.
const target = name as TargetName;
const abort = new AbortController();
let done = 0;

const report = (message: TargetReport): void => {
  process.send?.(message);
};
const reportUnhandled = (error: unknown): void => {
  const message = `an unhandled rejection or exception: ${error instanceof Error ? error.stack : String(error)}`;
  report({ kind: "failure", failure: { target, seed: Number(seed), index: done, message, input: "" } });
};

process.on("unhandledRejection", reportUnhandled);
process.on("uncaughtException", reportUnhandled);
process.on("message", () => abort.abort());
// Ctrl+C reaches every process of the terminal; the one that started this one says when to stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => abort.abort());
process.once("disconnect", () => process.exit(1));

const opened = await openTarget(target);
const result = await fuzzTarget(target, opened, {
  inputs: Number(inputs),
  seed: Number(seed),
  signal: abort.signal,
  onProgress: (count) => {
    done = count;
    report({ kind: "progress", done: count });
  },
  onFailure: (failure) => report({ kind: "failure", failure }),
});
await opened.close?.();
process.send?.({ kind: "result", result } satisfies TargetReport, () => process.exit());
