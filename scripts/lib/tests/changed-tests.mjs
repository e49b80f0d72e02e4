// Which test files `npm test -- --changed` runs: those that a change touches and that are done within a minute.
import { basename, dirname } from "node:path";
import { SLOW_TESTS } from "./slow-tests.mjs";

/** Environment: the files of a run in the order wanted, relative to the root, with a space between them. */
export const ORDER_VARIABLE = "MULTICHAT_TEST_ORDER";
/** Environment: when the last test starts, in milliseconds after the start of the run. The others are skipped. */
export const DEADLINE_VARIABLE = "MULTICHAT_TEST_DEADLINE_MS";

/** What a file is taken to need that never ran here. */
const UNKNOWN_DURATION_MS = 3_000;
/** What the test runner needs for each file beside its tests: a fresh process that imports the sources. */
const IMPORT_MS = 700;

/** Tests that read files instead of importing them. */
const READERS = [
  { reads: /\.md$/, test: "scripts/test/links.test.ts" },
  { reads: /^docs\/protocol\.md$/, test: "scripts/test/protocol-docs.test.ts" },
  { reads: /^docs\/reference\//, test: "apps/server/test/cli/reference.test.ts" },
  { reads: /^(Dockerfile|\.dockerignore)$/, test: "scripts/test/dockerfile.test.ts" },
];

/**
 * Returns the files whose dependents are to be tested: changed modules, tests that read a changed file, and the tests
 * beside a changed fixture.
 * @param {readonly string[]} changed
 * @param {readonly string[]} tests every test file
 */
export function filesToRelate(changed, tests) {
  const modules = changed.filter((file) => /\.(ts|tsx|mjs|js)$/.test(file) && !/^(vitest|vite)\./.test(basename(file)));
  const readers = READERS.filter(({ reads }) => changed.some((file) => reads.test(file))).map(({ test }) => test);
  const fixtureFolders = changed
    .filter((file) => /\/(test|fixtures)\//.test(file) && !modules.includes(file))
    .map((file) => dirname(file));
  const besideFixtures = tests.filter((test) => fixtureFolders.includes(dirname(test)));
  return [...new Set([...modules, ...readers, ...besideFixtures])];
}

/**
 * Selects from related test files those to run: changed tests first, then those of the changed folders (`test/audit` for
 * `src/audit`), then the quickest, for as long as the budget lasts. The first is selected however long it takes.
 * @param {readonly string[]} related
 * @param {readonly string[]} changed
 * @param {Readonly<Record<string, number>>} durationsMs of earlier runs
 * @param {number} budgetMs what the files may take in all, in milliseconds of work for the test runner's processes
 */
export function selectTests(related, changed, durationsMs, budgetMs) {
  const changedFolders = new Set(changed.map((file) => dirname(file).replace("/src", "/test")));
  const duration = (/** @type {string} */ file) =>
    IMPORT_MS + (durationsMs[file] ?? (SLOW_TESTS.includes(file) ? Number.POSITIVE_INFINITY : UNKNOWN_DURATION_MS));
  const rank = (/** @type {string} */ file) => (changed.includes(file) ? 0 : changedFolders.has(dirname(file)) ? 1 : 2);
  const sorted = [...related].sort((a, b) => rank(a) - rank(b) || duration(a) - duration(b));
  /** @type {string[]} */
  const selected = [];
  let totalMs = 0;
  for (const file of sorted) {
    if (totalMs + duration(file) > budgetMs && selected.length > 0) continue;
    selected.push(file);
    totalMs += duration(file);
  }
  return selected;
}
