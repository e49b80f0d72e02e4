// Which test files run in a process of their own. The others share a few processes, so that what they import is loaded once
// per process and not once per file, which costs more than most of these tests themselves.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../machine.mjs";
import { SLOW_TESTS } from "./slow-tests.mjs";

/** What a file says that changes its process for every file after it, or that such a change could disturb. */
const REASONS = [
  // The clock, globals and prototypes, which a test that fails may leave replaced.
  /\bvi\.(useFakeTimers|stubGlobal|stubEnv|spyOn|mock|doMock|resetModules)\b/,
  /\bglobalThis\.\w+ = |\bprototype\.\w+ = /,
  // Variables of the environment and listeners of the process.
  /\bprocess\.(env\.\w+ \??= |env\[.+\] = |on\(|once\(|chdir\()/,
  // The database of every test that a process imports is chosen once.
  /\b(chooseDatabase|run\w*OnPostgres)\b/,
];

/** @param {string} file a test file, relative to the root */
export function needsOwnProcess(file) {
  // Slow ones start first; those that share processes follow one another.
  if (SLOW_TESTS.includes(file)) return true;
  const text = readFileSync(join(ROOT, file), "utf8");
  return REASONS.some((reason) => reason.test(text));
}
