// Reads the JSON report that vitest writes beside its output.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT, readJson, ScriptError } from "../machine.mjs";

/** @typedef {{ passed: number, failed: number, skipped: string[], files: string[], unfinished: string[] }} Counts `files` ran to their end, `unfinished` ones met the deadline; relative to the root */
/** @typedef {{ name: string, status: string, message: string, startTime: number, endTime: number, assertionResults: { fullName: string, status: string }[] }} FileResult */

const DURATIONS = join(ROOT, ".cache", "test-durations.json");

/** Removes the report of an earlier run, so that it cannot be taken for that of a run that crashes. @param {string} path */
export function removeReport(path) {
  rmSync(path, { force: true });
}

/**
 * @param {string} path
 * @param {{ canBeCancelled?: boolean }} [options]
 * @returns {Counts}
 */
export function readReport(path, { canBeCancelled = false } = {}) {
  if (!existsSync(path)) throw new ScriptError("vitest ended without a report.");
  /** @type {{ numPassedTests: number, numFailedTests: number, testResults: FileResult[] }} */
  const report = readJson(path);
  const unfinished = canBeCancelled ? report.testResults.filter(isUnfinished) : [];
  const ended = report.testResults.filter((file) => !unfinished.includes(file));
  // A file that failed to load has no tests and counts as one failure.
  const failedFiles = ended.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  const skipped = ended.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status !== "passed" && test.status !== "failed")
      .map((test) => test.fullName),
  );
  const paths = (/** @type {FileResult[]} */ results) => results.map((file) => relative(ROOT, file.name));
  const counts = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + failedFiles,
    skipped,
    files: paths(ended),
    unfinished: paths(unfinished),
  };
  if (counts.passed + counts.failed === 0 && unfinished.length === 0) throw new ScriptError("No test ran.");
  recordDurations(ended);
  return counts;
}

/** Returns whether the deadline came before the file's first test, or before its last. @param {FileResult} file */
function isUnfinished({ assertionResults, message }) {
  if (assertionResults.length === 0) return message === "";
  return assertionResults.some(({ status }) => status !== "passed" && status !== "failed");
}

/** Returns what each test file took when it last ran here, in milliseconds. @returns {Record<string, number>} */
export function readDurationsMs() {
  return existsSync(DURATIONS) ? readJson(DURATIONS) : {};
}

/** @param {readonly FileResult[]} results */
function recordDurations(results) {
  const entries = results.map(({ name, startTime, endTime }) => [
    relative(ROOT, name),
    Math.round(endTime - startTime),
  ]);
  mkdirSync(dirname(DURATIONS), { recursive: true });
  writeFileSync(DURATIONS, JSON.stringify({ ...readDurationsMs(), ...Object.fromEntries(entries) }, null, 2));
}

/** Returns every folder that must have tests: a run without a test in one of them proves nothing about it. */
export function testedFolders() {
  const workspaces = ["packages", "apps", "examples"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
  );
  return [...workspaces, "scripts"];
}
