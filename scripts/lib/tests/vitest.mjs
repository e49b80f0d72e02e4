// Runs vitest as a step of `npm test`.
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { ROOT, toolEnv } from "../machine.mjs";
import { run } from "../progress.mjs";
import { DEADLINE_VARIABLE, filesToRelate, ORDER_VARIABLE, selectTests } from "./changed-tests.mjs";
import { readDurationsMs, readReport, removeReport } from "./test-report.mjs";

/** @typedef {import("./test-steps.mjs").StepContext} StepContext */
/** @typedef {import("./test-steps.mjs").StepResult} StepResult */

/** How much of a failed run's output is repeated on the screen. */
const TAIL_LINES = 300;

/**
 * Runs the tests of a config, or the given files of it.
 * @param {string} step
 * @param {string} config relative to the root
 * @param {readonly string[]} files relative to the root; none for all
 * @param {StepContext} context
 * @param {number} [deadlineMs] after which no further test starts
 * @returns {Promise<StepResult & { files: string[] }>}
 */
export async function runVitest(step, config, files, { node, env }, deadlineMs) {
  const report = join(ROOT, ".cache", `${step}.json`);
  removeReport(report);
  let exitCode = 0;
  const accept = (/** @type {number} */ code) => {
    exitCode = code;
    return true;
  };
  const limits =
    deadlineMs === undefined
      ? {}
      : { [DEADLINE_VARIABLE]: String(Math.round(deadlineMs)), [ORDER_VARIABLE]: files.join(" ") };
  const output = await run(
    step,
    node,
    [
      join(ROOT, "node_modules/vitest/vitest.mjs"),
      "run",
      ...files.map((file) => join(ROOT, file)),
      ...["--config", join(ROOT, config), "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    ],
    { env: toolEnv({ ...env, ...limits, MULTICHAT_TEST: "1" }), accept },
  );
  const counts = readReport(report, { canBeCancelled: deadlineMs !== undefined && exitCode !== 0 });
  // An error outside of every test is not counted; only the exit code shows it, as it does a deadline.
  if (exitCode !== 0 && counts.failed === 0 && counts.unfinished.length === 0) counts.failed = 1;
  const summary = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`;
  const advice = counts.failed > 0 ? { advice: output.trimEnd().split("\n").slice(-TAIL_LINES) } : {};
  return { ...counts, summary, ...advice };
}

/** What the tests get at least, when the checks before them took long. */
const MIN_CHANGED_MS = 10_000;

/** When the last of the changed tests starts, in milliseconds after the start of `npm test -- --changed`. */
const CHANGED_DEADLINE_MS = 45_000;

/**
 * Runs the tests of a config that a change touches, as many as are done in under a minute.
 * @param {string} step
 * @param {string} config relative to the root
 * @param {readonly string[]} changed relative to the root
 * @param {StepContext} context
 * @returns {Promise<StepResult>}
 */
export async function runChangedTests(step, config, changed, context) {
  const tests = await listTests(config, [], context);
  const files = filesToRelate(changed, tests);
  const related = files.length === 0 ? [] : await listTests(config, files, context);
  if (related.length === 0) return { passed: 1, failed: 0, summary: "the change touches no test" };
  const deadlineMs = Math.max(CHANGED_DEADLINE_MS - performance.now(), MIN_CHANGED_MS);
  const selected = selectTests(related, changed, readDurationsMs(), deadlineMs * availableParallelism());
  const { advice, files: ended, ...result } = await runVitest(step, config, selected, context, deadlineMs);
  const left = related.filter((file) => !ended.includes(file));
  const remainder = left.length === 0 ? "" : `; left to the full run: ${left.join(", ")}`;
  return {
    ...result,
    summary: `${result.passed} passed, ${result.failed} failed in ${ended.length} of ${related.length} files${remainder}`,
    ...(advice === undefined ? {} : { advice }),
  };
}

/** Lists the test files that import any of the files, or every test file. @param {string} config @param {readonly string[]} files @param {StepContext} context @returns {Promise<string[]>} */
async function listTests(config, files, { node }) {
  const script = join(ROOT, "scripts/lib/tests/list-related-tests.mjs");
  const output = await run(`list-${config.replace(/\W/g, "-")}`, node, [
    script,
    config,
    ...files.map((file) => join(ROOT, file)),
  ]);
  /** @type {string[]} */
  const paths = JSON.parse(output.trim().split("\n").at(-1) ?? "[]");
  return paths.map((path) => relative(ROOT, path));
}
