import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ASVS_REQUIREMENTS } from "./asvs-requirements.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = globSync("docs/security/*.md", { cwd: ROOT });

const ROWS = readFileSync(join(ROOT, "docs/security/asvs.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| (?:\d+\.)+\d/.test(line))
  .map((line) => line.slice(2, -2).split(" | "));
const STATES = ["met", "partly", "**not met**", "n/a"];

test("the ASVS table has each requirement of the levels 1 and 2 once, with its level", () => {
  const expected = Object.entries(ASVS_REQUIREMENTS).flatMap(([level, ids]) => ids.map((id) => `${id} level ${level}`));
  // As many as the standard says that it has.
  expect([ASVS_REQUIREMENTS[1].length, ASVS_REQUIREMENTS[2].length]).toEqual([70, 183]);
  expect(ROWS.map(([id, level]) => `${id} level ${level}`).sort()).toEqual(expected.sort());
});

test.each(ROWS)("the row %s of the ASVS table has a state, and evidence or a reason", (...row) => {
  const [, , requirement = "", state = "", evidence = ""] = row;
  expect(row).toHaveLength(5);
  expect(requirement.length).toBeGreaterThan(2);
  expect(STATES).toContain(state);
  expect(evidence.length).toBeGreaterThan(3);
});

test("the counts at the top of the ASVS table are those of its rows", () => {
  const text = readFileSync(join(ROOT, "docs/security/asvs.md"), "utf8");
  const states = ROWS.map(([, , , state]) => state);
  const counts = [...text.matchAll(/^\| (met|partly|\*\*not met\*\*|n\/a) \| (\d+) \|$/gm)];
  expect(counts).toHaveLength(4);
  for (const [, state, count] of counts) {
    expect([state, states.filter((other) => other === state).length]).toEqual([state, Number(count)]);
  }
  expect(states.length).toBe(counts.reduce((sum, [, , count]) => sum + Number(count), 0));
});

test("there are pages about security", () => {
  expect(PAGES.length).toBeGreaterThan(1);
});

test.each(PAGES)("the files that %s names as evidence exist", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  const files = [...text.matchAll(/`((?:apps|packages|bench|e2e|scripts)\/[\w./-]+)`/g)].map(([, file]) => file ?? "");
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
