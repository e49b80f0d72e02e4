import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = globSync("docs/security/*.md", { cwd: ROOT });

test("there are pages about security", () => {
  expect(PAGES.length).toBeGreaterThan(1);
});

test.each(PAGES)("the files that %s names as evidence exist", (page) => {
  const text = readFileSync(join(ROOT, page), "utf8");
  const files = [...text.matchAll(/`((?:apps|packages|bench|e2e|scripts)\/[\w./-]+)`/g)].map(([, file]) => file ?? "");
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});
