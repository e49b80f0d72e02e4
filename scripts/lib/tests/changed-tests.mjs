// Which test files `npm test -- --changed` runs: those that a change touches and that take under a minute together.
import { basename, dirname } from "node:path";
import { SLOW_TESTS } from "./slow-tests.mjs";

/** What the selected files may take in all, in milliseconds of work for the test runner's processes. */
const BUDGET_MS = 60_000;
/** What a file is taken to need that never ran here. */
const UNKNOWN_DURATION_MS = 1_000;

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
 * Splits related test files into those to run and those left to the full run: changed tests first, then the quickest,
 * for as long as the budget lasts.
 * @param {readonly string[]} related
 * @param {readonly string[]} changed
 * @param {Readonly<Record<string, number>>} durationsMs of earlier runs
 */
export function selectTests(related, changed, durationsMs) {
  const duration = (/** @type {string} */ file) =>
    durationsMs[file] ?? (SLOW_TESTS.includes(file) ? BUDGET_MS : UNKNOWN_DURATION_MS);
  const rank = (/** @type {string} */ file) => (changed.includes(file) ? 0 : 1);
  const sorted = [...related].sort((a, b) => rank(a) - rank(b) || duration(a) - duration(b));
  /** @type {string[]} */
  const selected = [];
  let totalMs = 0;
  for (const file of sorted) {
    if (totalMs + duration(file) > BUDGET_MS && selected.length > 0) continue;
    selected.push(file);
    totalMs += duration(file);
  }
  return { selected, left: sorted.filter((file) => !selected.includes(file)) };
}
