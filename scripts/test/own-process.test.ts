import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../lib/machine.mjs";
import { needsOwnProcess } from "../lib/tests/own-process.mjs";
import { SLOW_TESTS } from "../lib/tests/slow-tests.mjs";

const folder = mkdtempSync(join(tmpdir(), "own-process-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether a test file with this text needs a process of its own. */
function isAlone(text: string): boolean {
  const path = join(folder, "some.test.ts");
  writeFileSync(path, text);
  return needsOwnProcess(relative(ROOT, path));
}

test.each([
  "vi.useFakeTimers({ now: 1 });",
  'vi.stubGlobal("localStorage", storage);',
  'vi.spyOn(performance, "now");',
  'vi.mock("./clock.ts");',
  'process.env.PORT = "0";',
  'process.on("warning", onWarning);',
  'process.chdir("/");',
  "chooseDatabase(POSTGRES);",
  "await runOnPostgres([]);",
  "await runInTurnOnPostgres([]);",
  "globalThis.fetch = () => answer;",
])("a test file with %s runs alone", (text) => {
  expect(isAlone(text)).toBe(true);
});

test.each([
  'test("adds", () => expect(1 + 1).toBe(2));',
  "const called = vi.fn();",
  "env: { PATH: process.env.PATH }",
  'child.on("exit", resolve);',
])("a test file with %s shares a process", (text) => {
  expect(isAlone(text)).toBe(false);
});

test("slow test files run alone", () => {
  const [slow = ""] = SLOW_TESTS;
  expect(needsOwnProcess(slow)).toBe(true);
});
