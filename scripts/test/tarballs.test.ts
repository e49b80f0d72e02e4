import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { findContentProblems } from "../lib/packaging/tarballs.mjs";

const folder = fileURLToPath(new URL("../../packages/channels-redis", import.meta.url));
const complete = ["LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts"];

/** The problems of a tarball of channels-redis with these files. */
const problemsOf = (files: string[]) =>
  findContentProblems({ name: "channels-redis", folder, file: "channels-redis.tgz", files });

test("a tarball has compiled code, README and license, and nothing else", () => {
  expect(problemsOf(complete)).toEqual([]);
});

test.each(complete)("a tarball without %s is refused", (file) => {
  expect(problemsOf(complete.filter((name) => name !== file)).join("\n")).toContain(file);
});

test.each(["dist/index.js.map", "src/index.ts", "test/readme.test.ts", "dist/.tsbuildinfo", ".env"])(
  "a tarball with %s is refused",
  (file) => {
    expect(problemsOf([...complete, file])).toEqual([
      `channels-redis: expected compiled code and the README, got ${file}`,
    ]);
  },
);
