import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installReason } from "../lib/install.mjs";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "multichat-install-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const LOCK = {
  "": { name: "x" },
  "packages/a": { version: "1.0.0" },
  "node_modules/@x/a": { link: true },
  "node_modules/b": { version: "1.2.3" },
  "node_modules/for-another-system": { version: "1.0.0", optional: true },
};

function given(installed: Record<string, object> | undefined): void {
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: LOCK }));
  if (installed === undefined) return;
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages: installed }));
}

test("a clean clone needs an install", () => {
  given(undefined);
  expect(installReason(root)).toBe("nothing is installed yet; a minute or two");
});

test("packages that are what the lock file says are left alone, also without those for other systems", () => {
  given({ "node_modules/b": { version: "1.2.3" } });
  expect(installReason(root)).toBeUndefined();
});

test("a package of another version needs an install, and the reason names it", () => {
  given({ "node_modules/b": { version: "1.2.2" } });
  expect(installReason(root)).toBe("node_modules/b is 1.2.2, the lock file says 1.2.3");
});

test("a package that is missing needs an install", () => {
  given({});
  expect(installReason(root)).toBe("node_modules/b is missing");
});

test("a package that the lock file no longer has needs an install", () => {
  given({ "node_modules/b": { version: "1.2.3" }, "node_modules/gone": { version: "1.0.0" } });
  expect(installReason(root)).toBe("node_modules/gone is not in the lock file any more");
});
