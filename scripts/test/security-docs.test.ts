import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = globSync("docs/security/*.md", { cwd: ROOT });

test("the counts at the top of the ASVS table are those of its rows", () => {
  const text = readFileSync(join(ROOT, "docs/security/asvs.md"), "utf8");
  const states = [...text.matchAll(/^\| (?:\d[\d., –]*|all) \|.*$/gm)].map(([row]) => row.split(" | ")[2]);
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
