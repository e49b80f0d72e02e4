// The steps of `npm test`. They run side by side; earlier ones start first, so that quick checks report early.
import { join } from "node:path";
import { build, TSC } from "../build.mjs";
import { withLock } from "../lock.mjs";
import { ROOT, readJson, ScriptError } from "../machine.mjs";
import { findUnverifiedPackages } from "../packaging/lock-integrity.mjs";
import { run } from "../progress.mjs";
import { testedFolders } from "./test-report.mjs";
import { runChangedTests, runVitest } from "./vitest.mjs";

/** @typedef {{ node: string, env: Record<string, string>, changed?: readonly string[] }} StepContext the Node to run, the addresses of the services, and the changed files if only what they touch is tested */
/** @typedef {{ passed: number, failed: number, skipped?: string[], summary: string, advice?: string[] }} StepResult */
/** @typedef {{ name: string, description: string, after?: string[], needsServices?: boolean, run: (context: StepContext) => Promise<StepResult> }} Step `after` names steps that must have ended */

const tool = (/** @type {string} */ path) => join(ROOT, "node_modules", path);

/** The result of a step that is a single check. @param {string} summary @returns {StepResult} */
const passedCheck = (summary) => ({ passed: 1, failed: 0, summary });

/** Runs a script of this folder's parent and returns its last line. @param {string} node @param {string} name */
async function runScript(node, name) {
  const output = await run(name, node, [join(ROOT, `scripts/${name}.mjs`)]);
  return passedCheck(output.trim().split("\n").at(-1) ?? "");
}

/** @type {readonly Step[]} */
export const STEPS = [
  {
    name: "types",
    description: "tsc: packages, server, web client, tests and scripts",
    run: async ({ node }) => {
      await withLock(() => run("types", node, [TSC, "-b"]));
      for (const project of ["apps/web/tsconfig.json", "tsconfig.test.json"]) {
        await run(`types-${project.replace(/\W/g, "-")}`, node, [TSC, "--noEmit", "-p", project]);
      }
      return passedCheck("packages, server, web client, tests, scripts");
    },
  },
  {
    name: "lint",
    description: "biome: format, lint, import cycles",
    run: async ({ node }) => {
      const args = ["ci", "--colors=off", "--error-on-warnings", "."];
      const output = await run("lint", node, [tool("@biomejs/biome/bin/biome"), ...args]);
      return passedCheck(output.match(/Checked \d+ files/)?.[0] ?? "");
    },
  },
  {
    name: "lock",
    description: "npm ci accepts the lock file, and every package in it has a hash",
    run: async () => {
      const problems = findUnverifiedPackages(readJson(join(ROOT, "package-lock.json")));
      if (problems.length > 0) throw new ScriptError("The lock file has packages that npm cannot verify:", problems);
      await run("lock", "npm", ["ci", "--dry-run", "--include=dev", "--no-audit", "--no-fund"]);
      return passedCheck("npm ci accepts it, every package has a SHA-512");
    },
  },
  {
    name: "imports",
    description: "the import rules, and that each catches its planted violation",
    run: ({ node }) => runScript(node, "imports"),
  },
  {
    name: "language",
    description: "names and prose use the words of docs/glossary.md",
    run: ({ node }) => runScript(node, "language"),
  },
  {
    name: "dead-code",
    description: "knip: unused files, exports and dependencies",
    run: async ({ node }) => {
      await run("dead-code", node, [tool("knip/bin/knip.js"), "--no-progress"]);
      return passedCheck("none");
    },
  },
  {
    name: "build",
    description: "what production runs, and the size of the first load",
    after: ["types"],
    run: async ({ node }) => {
      await withLock(() => build(node));
      const size = await run("size", node, [join(ROOT, "apps/web/scripts/size.mjs")]);
      return passedCheck(`server and web client; ${size.trim().split("\n").at(-1)}`);
    },
  },
  {
    name: "browser",
    description: "vitest: the chat in Chromium",
    after: ["build"],
    needsServices: true,
    run: async (context) => {
      const config = "e2e/vitest.config.ts";
      return context.changed === undefined
        ? runVitest("browser", config, [], context)
        : runChangedTests("browser", config, context.changed, context);
    },
  },
  {
    name: "tests",
    description: "vitest: unit and integration tests",
    after: ["build"],
    needsServices: true,
    run: async (context) => {
      const config = "vitest.config.ts";
      if (context.changed !== undefined) return runChangedTests("tests", config, context.changed, context);
      const result = await runVitest("tests", config, [], context);
      const untested = testedFolders().filter((folder) => !result.files.some((file) => file.startsWith(`${folder}/`)));
      if (untested.length > 0) throw new ScriptError(`No test ran in ${untested.join(", ")}.`);
      return result;
    },
  },
  {
    name: "api",
    description: "the public API of the packages is what packages/*/api says",
    after: ["build"],
    run: async ({ node }) => {
      const output = await run("api", node, [join(ROOT, "scripts/api.mjs"), "check"]);
      return passedCheck(output.trim().split("\n").at(-1) ?? "");
    },
  },
  {
    name: "packaging",
    description: "the tarballs: publint, attw, installed and used with old and new compilers, on Node, Bun and Deno",
    after: ["build"],
    run: ({ node }) => runScript(node, "packages"),
  },
  {
    name: "image",
    description: "the Dockerfile's steps in a clean folder, its server and health check; linter and Compose",
    after: ["build"],
    needsServices: true,
    run: ({ node }) => runScript(node, "image"),
  },
];

/** The steps of `npm test -- --changed`; the tests among them are only those that the change touches. */
export const CHANGED_STEPS = ["types", "lint", "imports", "language", "dead-code", "build", "browser", "tests"];
