import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import type { Sample } from "./plan.ts";

/** The samples of one or several runs on one machine. */
export interface ProductResults {
  readonly command: string;
  readonly at: string;
  readonly node: string;
  readonly machine: string;
  /** The load client's language. */
  readonly client: string;
  /** Whether server and client each had a core. */
  readonly pinned: boolean;
  /** What was not measured, and why. */
  readonly notes: readonly string[];
  /** The 99th percentile of a disk sync, of each round. */
  readonly syncMs: readonly number[];
  readonly samples: readonly Sample[];
}

export function describeMachine(): string {
  const [first] = cpus();
  return `${cpus().length} cores, ${first?.model ?? "unknown"}`;
}

/** Reads earlier results, so that a run adds its rounds to theirs; undefined where there is no file. */
export async function readResults(file: string | URL): Promise<ProductResults | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  // Written by an earlier run.
  return text === undefined ? undefined : (JSON.parse(text) as ProductResults);
}

/** Adds the rounds of a run to earlier ones, which they follow in number. */
export function addResults(earlier: ProductResults | undefined, run: ProductResults): ProductResults {
  if (earlier === undefined) return run;
  return {
    ...run,
    notes: [...new Set([...earlier.notes, ...run.notes])],
    syncMs: [...earlier.syncMs, ...run.syncMs],
    samples: [...earlier.samples, ...run.samples],
  };
}
