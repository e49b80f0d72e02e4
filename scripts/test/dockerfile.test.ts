import { expect, test } from "vitest";
import { commandWords, readDockerfile, readDockerignore } from "../lib/dockerfile.mjs";

test("stages, names, comments and continued lines are read", () => {
  const stages = readDockerfile(
    ["# a comment", "FROM node:24-slim AS build", "RUN one \\", "  && two", "", "FROM node:24-slim", "USER node"].join(
      "\n",
    ),
  );
  expect(stages).toEqual([
    { base: "node:24-slim", name: "build", instructions: [{ name: "RUN", text: "one && two", line: 3 }] },
    { base: "node:24-slim", name: undefined, instructions: [{ name: "USER", text: "node", line: 7 }] },
  ]);
});

test("an instruction that the check could not follow is refused with its line", () => {
  expect(() => readDockerfile("FROM x\nADD http://example.org/a /a")).toThrow("Dockerfile line 2: ADD is not one of");
});

test("the exec form is words, the shell form a line for the shell", () => {
  expect(commandWords('["node", "a b"]')).toEqual(["node", "a b"]);
  expect(commandWords("node a")).toEqual(["/bin/sh", "-c", "node a"]);
});

test("the last pattern that fits decides what a build sees", () => {
  const sees = readDockerignore("# all\n*\n!packages\n!examples/*/package.json\n**/node_modules\n**/test");
  const seen = [
    "README.md",
    "packages/a/src/a.ts",
    "packages/a/test/a.test.ts",
    "packages/node_modules/x.js",
    "examples/one/package.json",
    "examples/one/src/a.ts",
  ].filter(sees);
  expect(seen).toEqual(["packages/a/src/a.ts", "examples/one/package.json"]);
});
