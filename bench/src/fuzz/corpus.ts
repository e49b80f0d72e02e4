import { readFileSync } from "node:fs";

/** Returns the inputs that the repository keeps for a target. The cast holds: a test reads every file. */
export function readCorpus(name: string): readonly string[] {
  return JSON.parse(readFileSync(new URL(`../../corpus/${name}.json`, import.meta.url), "utf8")) as string[];
}

/** Words that mean something to one of the readers, and text that other programs had trouble with. */
export const DICTIONARY = readCorpus("dictionary");
