import type { TargetName } from "./target.ts";

/** An input on which the product broke a rule. */
export interface Failure {
  readonly target: TargetName;
  readonly seed: number;
  /** The number of the input in the run, from 0. */
  readonly index: number;
  readonly message: string;
  /** The shortest input found that fails in the same way. */
  readonly input: string;
}

/** The measurements of one target. */
export interface TargetResult {
  readonly target: TargetName;
  readonly inputs: number;
  readonly seconds: number;
  /** The most processor time that one input took of the main thread, in milliseconds. */
  readonly slowestMs: number;
  /** The blocks of code that ran for the corpus of the repository, and at the end; undefined without guidance. */
  readonly coverage: { readonly before: number; readonly after: number } | undefined;
  readonly corpus: { readonly before: number; readonly after: number };
  readonly heapMb: { readonly before: number; readonly after: number };
  readonly failures: readonly Failure[];
}
