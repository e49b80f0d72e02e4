import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");
const walks = text.slice(text.indexOf("## Five walks"), text.indexOf("## Design decisions"));

/** Paths from the repository's root in backticks. */
function pathsIn(section: string): string[] {
  return [...section.matchAll(/`((?:apps|packages|examples)\/[\w./-]+\.tsx?)`/g)].map((match) => match[1] ?? "");
}

test("every file that ARCHITECTURE.md names exists", () => {
  const paths = pathsIn(text);
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test("a message takes at most 28 files from the composer to another screen", () => {
  const walk = walks.slice(0, walks.indexOf("**An edit.**"));
  expect(new Set(pathsIn(walk)).size).toBe(28);
});
