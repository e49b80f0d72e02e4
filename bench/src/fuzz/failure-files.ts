import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Failure } from "./result.ts";
import { TARGET_NAMES } from "./target.ts";

const FOLDER = new URL("../../../.cache/fuzz/", import.meta.url);

/** Writes a failure to a file that `--replay` reads. @returns its path */
export async function saveFailure(failure: Failure): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const file = new URL(`${failure.target}-${failure.seed}-${failure.index}.json`, FOLDER);
  await writeFile(file, `${JSON.stringify(failure, null, 2)}\n`);
  return fileURLToPath(file);
}

/** @throws with what was expected, for a file that `saveFailure` has not written. */
export async function readFailure(file: string): Promise<Failure> {
  const failure = JSON.parse(await readFile(file, "utf8")) as Partial<Failure>;
  const { target, input } = failure;
  if (typeof input !== "string" || !TARGET_NAMES.some((name) => name === target)) {
    throw new Error(`Expected ${file} to hold a failure that npm run fuzz saved.`);
  }
  return { seed: 0, index: 0, message: "", ...failure } as Failure;
}
