import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { removeOrphans } from "../lib/build.mjs";
import { fingerprint } from "../lib/fingerprint.mjs";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multichat-build-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text = ""): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test("changes the fingerprint with a file's content, its name, and a new file", () => {
  write("src/a.ts", "1");
  const fingerprints = new Set([fingerprint(root, ["src"])]);
  write("src/a.ts", "2");
  fingerprints.add(fingerprint(root, ["src"]));
  write("src/b/c.ts", "");
  fingerprints.add(fingerprint(root, ["src"]));
  rmSync(join(root, "src/a.ts"));
  write("src/d.ts", "2");
  fingerprints.add(fingerprint(root, ["src"]));
  expect(fingerprints.size).toBe(4);
});

test("keeps the fingerprint whatever is built, installed or tested", () => {
  write("src/a.ts", "1");
  const before = fingerprint(root, ["."]);
  for (const path of ["dist/a.js", "node_modules/x/index.js", "test/a.test.ts"]) write(path, "x");
  expect(fingerprint(root, ["."])).toBe(before);
});

test("removes compiled files whose source is gone, and no others", () => {
  write("src/current.ts");
  write("src/deep/current.tsx");
  const current = [
    "current.js",
    "current.d.ts",
    "current.js.map",
    "current.d.ts.map",
    "deep/current.js",
    ".tsbuildinfo",
  ];
  const orphans = ["old.js", "old.d.ts", "old.js.map", "deep/old.d.ts.map"];
  for (const path of [...current, ...orphans]) write(`dist/${path}`);
  removeOrphans(root);
  expect(current.filter((path) => !existsSync(join(root, "dist", path)))).toEqual([]);
  expect(orphans.filter((path) => existsSync(join(root, "dist", path)))).toEqual([]);
});
