import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandWords, readDockerfile, readDockerignore } from "../lib/packaging/dockerfile.mjs";

test("parses stages, names, comments and continued lines", () => {
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

test("every stage of the image starts from one image, by its digest, with the Node that the clone pins", () => {
  const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
  const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: { node: string } };
  const stages = readDockerfile(read("Dockerfile"));
  expect(stages.length).toBeGreaterThan(2);
  const [base = "", ...others] = new Set(stages.map((stage) => stage.base));
  expect(others).toEqual([]);
  expect(base).toMatch(/^node:[\d.]+-bookworm-slim@sha256:[0-9a-f]{64}$/);
  expect(base).toContain(`node:${devDependencies.node}-`);
});

test("refuses an unknown instruction and names its line", () => {
  expect(() => readDockerfile("FROM x\nADD http://example.org/a /a")).toThrow("Dockerfile line 2: ADD is not one of");
});

test("returns the words of the exec form, and a shell with its line for the shell form", () => {
  expect(commandWords('["node", "a b"]')).toEqual(["node", "a b"]);
  expect(commandWords("node a")).toEqual(["/bin/sh", "-c", "node a"]);
});

test("lets the last matching pattern decide what a build sees", () => {
  const isVisible = readDockerignore("# all\n*\n!packages\n!examples/*/package.json\n**/node_modules\n**/test");
  const visible = [
    "README.md",
    "packages/a/src/a.ts",
    "packages/a/test/a.test.ts",
    "packages/node_modules/x.js",
    "examples/one/package.json",
    "examples/one/src/a.ts",
  ].filter(isVisible);
  expect(visible).toEqual(["packages/a/src/a.ts", "examples/one/package.json"]);
});
