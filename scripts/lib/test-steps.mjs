// The steps of `npm test`, in the order in which they run: what is quick and says most comes first.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { build, TSC } from "./build.mjs";
import { alone } from "./lock.mjs";
import { ROOT, Trouble, toolEnv } from "./machine.mjs";
import { run } from "./progress.mjs";
import { forgetReport, readReport } from "./test-report.mjs";

/** @typedef {{ node: string, env: Record<string, string> }} Ground what a step stands on: the Node to run, the services */
/** @typedef {{ passed: number, failed: number, skipped?: string[], remark: string, advice?: string[] }} Outcome */
/** @typedef {Outcome & { files: string[] }} Tested */
/** @typedef {{ name: string, about: string, services?: boolean, work: (ground: Ground) => Promise<Outcome> }} Step */

const tool = (/** @type {string} */ path) => join(ROOT, "node_modules", path);

/** A step that is one check. @param {string} remark @returns {Outcome} */
const one = (remark) => ({ passed: 1, failed: 0, remark });

/**
 * A step that vitest runs.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {Ground} ground
 * @returns {Promise<Tested>}
 */
async function vitest(name, args, { node, env }) {
  const path = join(ROOT, ".cache", `${name}.json`);
  forgetReport(path);
  let ended = 0;
  const accept = (/** @type {number} */ code) => {
    ended = code;
    return true;
  };
  const output = await run(
    name,
    node,
    [tool("vitest/vitest.mjs"), "run", ...args, "--reporter=default", "--reporter=json", `--outputFile.json=${path}`],
    { env: toolEnv({ ...env, MULTICHAT_TEST: "1" }), accept },
  );
  const counts = readReport(path);
  // An error that no test caught is in no count: vitest tells it by its exit code alone.
  if (ended !== 0 && counts.failed === 0) counts.failed = 1;
  const remark = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`;
  return { ...counts, remark, ...(counts.failed > 0 ? { advice: output.trimEnd().split("\n").slice(-300) } : {}) };
}

/** Every folder that has something to test: a run that found no test in one of them proves nothing about it. */
function testedFolders() {
  const workspaces = ["packages", "apps", "examples"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
  );
  return [...workspaces, "scripts"];
}

/** @type {readonly Step[]} */
export const STEPS = [
  {
    name: "lock",
    about: "the lock file is one that npm ci accepts",
    work: async () => {
      await run("lock", "npm", ["ci", "--dry-run", "--include=dev", "--no-audit", "--no-fund"]);
      return one("npm ci accepts it");
    },
  },
  {
    name: "lint",
    about: "biome: format, lint, import cycles",
    work: async ({ node }) => {
      const output = await run("lint", node, [
        tool("@biomejs/biome/bin/biome"),
        "ci",
        "--colors=off",
        "--error-on-warnings",
        ".",
      ]);
      return one(output.match(/Checked \d+ files/)?.[0] ?? "");
    },
  },
  {
    name: "types",
    about: "tsc: packages, server, web, and every test and script",
    work: async ({ node }) => {
      await alone(async () => {
        await run("types", node, [TSC, "-b"]);
      });
      for (const project of ["apps/web/tsconfig.json", "tsconfig.test.json"]) {
        await run(`types-${project.replace(/\W/g, "-")}`, node, [TSC, "--noEmit", "-p", project]);
      }
      return one("packages, server, web client, tests, scripts");
    },
  },
  {
    name: "imports",
    about: "import rules, and that each rule catches its planted violation",
    work: async ({ node }) => {
      const output = await run("imports", node, [join(ROOT, "scripts/imports.mjs")]);
      return one(output.trim().split("\n").at(-1) ?? "");
    },
  },
  {
    name: "language",
    about: "names and prose use the words of docs/glossary.md",
    work: async ({ node }) => {
      const output = await run("language", node, [join(ROOT, "scripts/language.mjs")]);
      return one(output.trim().split("\n").at(-1) ?? "");
    },
  },
  {
    name: "dead-code",
    about: "knip: files, exports and dependencies that nobody uses",
    work: async ({ node }) => {
      await run("dead-code", node, [tool("knip/bin/knip.js"), "--no-progress"]);
      return one("none");
    },
  },
  {
    name: "build",
    about: "what production runs",
    work: async ({ node }) => {
      await alone(() => build(node));
      return one("server and web client");
    },
  },
  {
    name: "packaging",
    about: "publint, attw: what would be published can be used",
    work: async ({ node }) => {
      const packages = readdirSync(join(ROOT, "packages"));
      for (const name of packages) {
        const folder = join(ROOT, "packages", name);
        await run(`publint-${name}`, node, [tool("publint/src/cli.js"), "--strict", folder]);
        await run(`attw-${name}`, node, [
          tool("@arethetypeswrong/cli/dist/index.js"),
          "--pack",
          folder,
          "--profile",
          "esm-only",
        ]);
      }
      return one(packages.join(", "));
    },
  },
  {
    name: "image",
    about: "the Dockerfile's own steps in a clean folder, its server and health check; linter and Compose",
    services: true,
    work: async ({ node }) => {
      const output = await run("image", node, [join(ROOT, "scripts/image.mjs")]);
      return one(output.trim().split("\n").at(-1) ?? "");
    },
  },
  {
    name: "tests",
    about: "vitest: unit and integration tests",
    services: true,
    work: async (ground) => {
      const outcome = await vitest("tests", [], ground);
      const untested = testedFolders().filter((folder) => !outcome.files.some((file) => file.startsWith(`${folder}/`)));
      if (untested.length > 0) throw new Trouble(`No test ran in ${untested.join(", ")}.`);
      return outcome;
    },
  },
  {
    name: "browser",
    about: "vitest: the chat in Chromium",
    services: true,
    work: async (ground) => {
      const config = join(ROOT, "e2e/vitest.config.ts");
      if (!existsSync(config)) throw new Trouble("The browser tests are missing: e2e/vitest.config.ts");
      return vitest("browser", ["--config", config], ground);
    },
  },
];
