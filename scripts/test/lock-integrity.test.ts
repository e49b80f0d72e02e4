import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findUnverifiedPackages } from "../lib/packaging/lock-integrity.mjs";

interface Entry {
  link?: boolean;
  resolved?: string;
  integrity?: string;
  version?: string;
}

const readLock = () =>
  JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")) as {
    lockfileVersion: number;
    packages: Record<string, Entry>;
  };

test("every package of the lock file can be verified", () => {
  const lock = readLock();
  const verified = Object.values(lock.packages).filter(({ integrity }) => integrity !== undefined);
  expect(verified.length).toBeGreaterThan(400);
  expect(findUnverifiedPackages(lock)).toEqual([]);
});

const SHA512 = `sha512-${"A".repeat(86)}==`;

describe("a planted violation is found", () => {
  const violations: [string, Entry][] = [
    ["no integrity", { version: "1.0.0" }],
    ["an empty integrity", { integrity: "" }],
    ["SHA-1", { integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }],
    ["SHA-256", { integrity: `sha256-${"A".repeat(43)}=` }],
    ["a weaker hash beside SHA-512", { integrity: `sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= ${SHA512}` }],
    ["a shortened hash", { integrity: SHA512.slice(0, -10) }],
    ["another registry", { integrity: SHA512, resolved: "https://registry.evil.example/x/-/x-1.0.0.tgz" }],
    ["plain HTTP", { integrity: SHA512, resolved: "http://registry.npmjs.org/x/-/x-1.0.0.tgz" }],
    ["a git repository", { resolved: "git+ssh://git@github.com/x/x.git#0123456" }],
    ["a file", { integrity: SHA512, resolved: "file:../x.tgz" }],
    ["a link out of the repository", { link: true, resolved: "../elsewhere" }],
    ["a link to nothing", { link: true }],
    ["a link into node_modules", { link: true, resolved: "node_modules/fastify" }],
  ];
  test.each(violations)("%s", (_what, entry) => {
    for (const path of [
      "node_modules/planted",
      "node_modules/a/node_modules/@b/planted",
      "apps/web/node_modules/planted",
    ]) {
      const lock = readLock();
      lock.packages[path] = entry;
      const problems = findUnverifiedPackages(lock);
      expect(problems.length).toBeGreaterThan(0);
      for (const problem of problems) expect(problem).toMatch(new RegExp(`^${path}: expected`));
    }
  });

  test("a lock file of another version or without packages", () => {
    expect(findUnverifiedPackages({ ...readLock(), lockfileVersion: 1 })).toHaveLength(1);
    expect(findUnverifiedPackages({ lockfileVersion: 3 })).toHaveLength(1);
  });
});
