import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the benchmarks keep what they build. */
export const BUILD_FOLDER: string = fileURLToPath(new URL("../../../.cache/bench/", import.meta.url));
const BENCH_FOLDER = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Compiles the C files of a folder of bench/, unless that was done since they changed.
 * @returns the program; undefined where the machine has no C compiler or is not Linux
 */
export function compileProgram(folder: "client" | "limit"): string | undefined {
  return compile(folder, folder, []);
}

/** Compiles a library for `LD_PRELOAD` in the same way. */
export function compileLibrary(folder: "storage"): string | undefined {
  return compile(folder, `${folder}.so`, ["-shared", "-fPIC", "-U_FORTIFY_SOURCE", "-pthread"]);
}

function compile(folder: string, name: string, flags: readonly string[]): string | undefined {
  if (process.platform !== "linux") return undefined;
  const source = join(BENCH_FOLDER, folder);
  const files = readdirSync(source).map((name) => join(source, name));
  const program = join(BUILD_FOLDER, name);
  const built = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (files.every((file) => statSync(file).mtimeMs < built)) return program;
  mkdirSync(BUILD_FOLDER, { recursive: true });
  const sources = files.filter((file) => file.endsWith(".c"));
  const { error, status, stderr } = spawnSync("cc", ["-O2", "-Wall", "-Wextra", ...flags, "-o", program, ...sources], {
    encoding: "utf8",
  });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`Expected cc to compile bench/${folder}:\n${stderr}`);
  return program;
}
