// What vitest counted, from the report it writes beside what it prints.
import { existsSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { ROOT, readJson, Trouble } from "./machine.mjs";

/** @typedef {{ passed: number, failed: number, skipped: string[], files: string[] }} Counts files below the root */

/** Removes an earlier run's report, so that a run that dies cannot be mistaken for it. @param {string} path */
export function forgetReport(path) {
  rmSync(path, { force: true });
}

/**
 * @param {string} path
 * @returns {Counts}
 */
export function readReport(path) {
  if (!existsSync(path)) throw new Trouble("vitest ended without a report.");
  /** @type {{ numPassedTests: number, numFailedTests: number, numFailedTestSuites: number, testResults: { name: string, status: string, assertionResults: { fullName: string, status: string }[] }[] }} */
  const report = readJson(path);
  // A file that could not even be loaded holds no tests, and counts as one that failed.
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
  const skipped = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status !== "passed" && test.status !== "failed")
      .map((test) => test.fullName),
  );
  const files = report.testResults.map((file) => relative(ROOT, file.name));
  const counts = { passed: report.numPassedTests, failed: report.numFailedTests + broken, skipped, files };
  if (counts.passed + counts.failed === 0) throw new Trouble("No test ran.");
  return counts;
}
