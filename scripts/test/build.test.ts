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

test("the fingerprint changes with a file's text, its name, and a new file", () => {
  write("src/a.ts", "1");
  const seen = new Set([fingerprint(root, ["src"])]);
  write("src/a.ts", "2");
  seen.add(fingerprint(root, ["src"]));
  write("src/b/c.ts", "");
  seen.add(fingerprint(root, ["src"]));
  rmSync(join(root, "src/a.ts"));
  write("src/d.ts", "2");
  seen.add(fingerprint(root, ["src"]));
  expect(seen.size).toBe(4);
});

test("the fingerprint does not change with what is built, installed or tested", () => {
  write("src/a.ts", "1");
  const before = fingerprint(root, ["."]);
  for (const path of ["dist/a.js", "node_modules/x/index.js", "test/a.test.ts"]) write(path, "x");
  expect(fingerprint(root, ["."])).toBe(before);
});

test("compiled files whose source is gone are removed, the others stay", () => {
  write("src/kept.ts");
  write("src/deep/kept.tsx");
  const stay = ["kept.js", "kept.d.ts", "kept.js.map", "kept.d.ts.map", "deep/kept.js", ".tsbuildinfo"];
  const gone = ["old.js", "old.d.ts", "old.js.map", "deep/old.d.ts.map"];
  for (const path of [...stay, ...gone]) write(`dist/${path}`);
  removeOrphans(root);
  expect(stay.filter((path) => !existsSync(join(root, "dist", path)))).toEqual([]);
  expect(gone.filter((path) => existsSync(join(root, "dist", path)))).toEqual([]);
});
