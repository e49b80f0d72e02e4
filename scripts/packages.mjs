// Uses the packages as their users do: packs them, installs the tarballs in an empty folder, compiles every
// listing of their READMEs with old and new compilers, and runs the listings on Node, Bun and Deno.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readWords } from "./lib/arguments.mjs";
import { findNode, ROOT, readJson, ScriptError, toolEnv } from "./lib/machine.mjs";
import { findContentProblems, PACKAGES, pack } from "./lib/packaging/tarballs.mjs";
import { reportFailure, run, step, stopOnSignals } from "./lib/progress.mjs";

const [extent] = readWords(
  `npm run packages [all]

Packs the packages, installs the tarballs in an empty folder, and uses them there: compiles every listing of their READMEs with
the oldest and the newest TypeScript, and runs them on Node, Bun and Deno, under vitest and node:test. It needs the registry.

  all   compile with every TypeScript from 5.4 to 7

Without it, the same as:

  npm test -- --only packaging`,
  { maxWords: 1 },
);

const CONTRACT = "channels/installed/layer-contract.ts";
/** Not among the dependencies of this repository: only the installed packages are tried with them. */
const TOOLS = {
  // Of both, the oldest that the packages accept.
  vitest: "2.0.5",
  "fast-check": "3.22.0",
  "typescript-5.4": "npm:typescript@5.4.5",
  ...(extent === "all" ? { "typescript-5.9": "npm:typescript@5.9.3" } : {}),
  "@types/node": "22.14.1",
  // The peer of the hooks.
  react: "19.3.1",
  "@types/react": "19.3.0",
};
/** Not built for every machine. */
const RUNTIMES = { bun: "1.4.5", deno: "2.9.6" };

/** @typedef {{ name: string, path: string, isOurs?: boolean, resolutions: ("bundler" | "node16" | "nodenext")[] }} Compiler */

const OLDEST = { name: "TypeScript 5.4", path: "typescript-5.4/lib/tsc.js" };
/** @type {Compiler} */
const NEWEST = {
  name: "TypeScript 7",
  path: "typescript-7/bin/tsc",
  isOurs: true,
  resolutions: ["node16", "nodenext", "bundler"],
};
/** @type {readonly Compiler[]} */
const COMPILERS =
  extent === "all"
    ? [
        { ...OLDEST, resolutions: ["node16", "bundler"] },
        { name: "TypeScript 5.9", path: "typescript-5.9/lib/tsc.js", resolutions: ["nodenext"] },
        { name: "TypeScript 6", path: "typescript/lib/tsc.js", isOurs: true, resolutions: ["nodenext"] },
        NEWEST,
      ]
    : [{ ...OLDEST, resolutions: ["bundler"] }, NEWEST];

const tool = (/** @type {string} */ path) => join(ROOT, "node_modules", path);
const node = findNode()?.path ?? process.execPath;
stopOnSignals();
const folder = mkdtempSync(join(tmpdir(), "multichat-packages-"));
const app = join(folder, "app");

/** Runs a program in the folder of the installed packages, without what npm put into this process's environment. @param {string} log @param {string} command @param {string[]} args */
const runInApp = (log, command, args) =>
  run(`packages-${log}`, command, args, { cwd: app, env: toolEnv({ PORT: "0", NODE_OPTIONS: undefined }) });

async function packAll() {
  const tarballs = [];
  for (const name of PACKAGES) tarballs.push(await pack(name, folder));
  const problems = tarballs.flatMap(findContentProblems);
  if (problems.length > 0) throw new ScriptError("The tarballs do not have what they should:", problems);
  for (const { name, file } of tarballs) {
    await run(`publint-${name}`, node, [tool("publint/src/cli.js"), "--strict", file]);
    await run(`attw-${name}`, node, [tool("@arethetypeswrong/cli/dist/index.js"), file, "--profile", "esm-only"]);
  }
  return tarballs;
}

/** @param {readonly import("./lib/packaging/tarballs.mjs").Tarball[]} tarballs */
async function install(tarballs) {
  mkdirSync(app);
  const dependencies = tarballs.map(({ folder, file }) => [
    readJson(join(folder, "package.json")).name,
    `file:${file}`,
  ]);
  const manifest = {
    name: "app",
    private: true,
    type: "module",
    // Both put their program in place after they are installed.
    allowScripts: { bun: true, deno: true, esbuild: true },
    dependencies: { ...Object.fromEntries(dependencies), ...TOOLS },
    optionalDependencies: RUNTIMES,
  };
  writeFileSync(join(app, "package.json"), JSON.stringify(manifest, null, 2));
  await runInApp("install", "npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"]);
}

/** Puts the listings of the READMEs beside the installed packages: those that are files, and those that are only in the text. */
function copyListings() {
  for (const name of PACKAGES) {
    const listings = join(ROOT, "packages", name, "test/readme");
    const filter = (/** @type {string} */ path) => !path.endsWith(".test.ts");
    if (existsSync(listings)) cpSync(listings, join(app, name, "readme"), { recursive: true, filter });
    else writePrograms(name);
  }
  cpSync(join(ROOT, "packages/channels/test/installed"), join(app, "channels/installed"), { recursive: true });
}

/** Writes the complete programs of a README, those that start with an import. @param {string} name */
function writePrograms(name) {
  const readme = readFileSync(join(ROOT, "packages", name, "README.md"), "utf8");
  const programs = [...readme.matchAll(/^```ts\n(import .*?)^```$/gms)].map(([, program]) => program ?? "");
  if (programs.length === 0) throw new ScriptError(`packages/${name}/README.md: expected a program, got none.`);
  mkdirSync(join(app, name));
  for (const [index, program] of programs.entries()) writeFileSync(join(app, name, `program-${index + 1}.ts`), program);
}

async function compile() {
  let count = 0;
  for (const { name, path, isOurs, resolutions } of COMPILERS) {
    for (const resolution of resolutions) {
      const options = {
        strict: true,
        noEmit: true,
        // The default, but it is what this is about: the declarations themselves are checked.
        skipLibCheck: false,
        target: "es2022",
        lib: ["es2023", "dom", "esnext.disposable"],
        module: resolution === "bundler" ? "esnext" : resolution,
        moduleResolution: resolution,
        allowImportingTsExtensions: true,
        jsx: "react-jsx",
        types: ["node"],
      };
      const config = join(app, `tsconfig.${resolution}.json`);
      // The contract suites need their peers, whose own declarations are not ours to check.
      const exclude = [CONTRACT];
      writeFileSync(config, JSON.stringify({ compilerOptions: options, include: PACKAGES, exclude }));
      const compiler = isOurs ? tool(path) : join(app, "node_modules", path);
      await runInApp(`${name}-${resolution}`.replaceAll(" ", "-"), node, [compiler, "-p", config]);
      count += 1;
    }
  }
  return `${COMPILERS.map(({ name }) => name).join(", ")}; ${count} configurations`;
}

async function runListings() {
  const rooms = "channels/installed/rooms.ts";
  const bin = (/** @type {string} */ name) => join(app, "node_modules/.bin", name);
  const programs = [
    { name: "node", command: node, args: [rooms] },
    { name: "bun", command: bin("bun"), args: [rooms] },
    { name: "deno", command: bin("deno"), args: ["run", "--allow-all", rooms] },
  ];
  /** @type {string[]} */
  const absent = [];
  for (const { name, command, args } of programs) {
    if (name !== "node" && !existsSync(command)) {
      absent.push(name);
      continue;
    }
    const output = await runInApp(name, command, args);
    if (!output.includes("served a room"))
      throw new ScriptError(`${name} ${args.join(" ")}: expected "served a room", got:`, [output]);
  }
  const required = PACKAGES.map((name) => `require("@multichat/${name}")`).join(", ");
  await runInApp("require", node, ["--input-type=commonjs", "-e", `[${required}]`]);
  await runInApp("node-test", node, ["--test", "channels/installed/communicator.node.ts"]);
  writeFileSync(join(app, "vitest.config.js"), `export default { test: { include: ["${CONTRACT}"] } };\n`);
  await runInApp("vitest", node, [join(app, "node_modules/vitest/vitest.mjs"), "run", "--config", "vitest.config.js"]);
  const used = programs.map(({ name }) => name).filter((name) => !absent.includes(name));
  const missing = absent.length === 0 ? "" : `; not available on this machine: ${absent.join(", ")}`;
  return `${used.join(", ")}; require(), node:test, vitest ${TOOLS.vitest}${missing}`;
}

if (extent !== undefined && extent !== "all") {
  console.error(`Expected "all" or nothing; got ${JSON.stringify(extent)}. See: npm run packages -- --help`);
  process.exit(2);
}
try {
  const tarballs = await step("Pack the packages", packAll);
  await step("Install them in an empty folder", () => install(tarballs));
  copyListings();
  await step("Compile the listings", compile);
  await step("Run the listings", runListings);
  console.log(`${PACKAGES.join(", ")}: installed and used`);
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
