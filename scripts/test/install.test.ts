import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installReason } from "../lib/install.mjs";
import { ROOT } from "../lib/machine.mjs";

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

function setUp(installed: Record<string, object> | undefined): void {
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages: LOCK }));
  if (installed === undefined) return;
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "node_modules", ".package-lock.json"), JSON.stringify({ packages: installed }));
}

test("requires an install in a clean clone", () => {
  setUp(undefined);
  expect(installReason(root)).toBe("nothing is installed yet; a minute or two");
});

test("requires no install if the packages match the lock file, apart from those for other systems", () => {
  setUp({ "node_modules/b": { version: "1.2.3" } });
  expect(installReason(root)).toBeUndefined();
});

test("requires an install for a package of another version, and names it", () => {
  setUp({ "node_modules/b": { version: "1.2.2" } });
  expect(installReason(root)).toBe("node_modules/b is 1.2.2, the lock file says 1.2.3");
});

test("requires an install for a missing package", () => {
  setUp({});
  expect(installReason(root)).toBe("node_modules/b is missing");
});

test("requires an install for a package that the lock file no longer has", () => {
  setUp({ "node_modules/b": { version: "1.2.3" }, "node_modules/gone": { version: "1.0.0" } });
  expect(installReason(root)).toBe("node_modules/gone is no longer in the lock file");
});

test.each([
  ["test.mjs", "--list"],
  ["start.mjs", "--help"],
])("%s starts before anything is installed", (script, option) => {
  for (const path of ["scripts", "package.json", "package-lock.json"]) {
    cpSync(join(ROOT, path), join(root, path), { recursive: true });
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "scripts", script), option], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).not.toBe("");
});
