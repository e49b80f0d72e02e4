import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { filesToRelate, selectTests } from "../lib/tests/changed-tests.mjs";
import { SLOW_TESTS } from "../lib/tests/slow-tests.mjs";

const TESTS = ["apps/a/test/one.test.ts", "apps/a/test/golden/golden.test.ts"];

test("relates changed modules, and no configuration of the test runner", () => {
  const changed = ["apps/a/src/a.ts", "apps/web/src/b.tsx", "scripts/c.mjs", "vitest.config.ts", "README.txt"];
  expect(filesToRelate(changed, TESTS)).toEqual(["apps/a/src/a.ts", "apps/web/src/b.tsx", "scripts/c.mjs"]);
});

test("adds the tests that read a changed page", () => {
  expect(filesToRelate(["docs/protocol.md"], TESTS)).toEqual([
    "scripts/test/links.test.ts",
    "scripts/test/protocol-docs.test.ts",
  ]);
});

test("adds the tests beside a changed fixture", () => {
  expect(filesToRelate(["apps/a/test/golden/recorded.json"], TESTS)).toEqual(["apps/a/test/golden/golden.test.ts"]);
});

test("runs changed tests first and leaves what exceeds the budget to the full run", () => {
  const [slow = ""] = SLOW_TESTS;
  const durationsMs = { quick: 1_000, long: 40_000, changed: 30_000 };
  const related = [slow, "quick", "long", "changed"];
  expect(selectTests(related, ["changed"], durationsMs, 60_000)).toEqual(["changed", "quick"]);
});

test("prefers the tests of a changed folder to quicker ones", () => {
  const own = "apps/a/test/audit/log.test.ts";
  const durationsMs = { quick: 1_000, [own]: 9_000 };
  expect(selectTests(["quick", own], ["apps/a/src/audit/log.ts"], durationsMs, 10_000)).toEqual([own]);
});

test("takes a file that never ran here for one of some seconds", () => {
  expect(selectTests(["one", "two", "three"], [], {}, 8_000)).toEqual(["one", "two"]);
});

test("runs a single test however long it takes", () => {
  expect(selectTests(["long"], [], { long: 90_000 }, 60_000)).toEqual(["long"]);
});

test("names slow tests that exist", () => {
  expect(SLOW_TESTS.filter((file) => !existsSync(new URL(`../../${file}`, import.meta.url)))).toEqual([]);
});
