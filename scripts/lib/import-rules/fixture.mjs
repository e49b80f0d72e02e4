// Proves that the rules work: a small copy of the repository's layout with one wrong import planted for each rule. A rule
// that misses its planted import no longer guards anything (a folder was renamed, a pattern mistyped).
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import { ROOT, readJson } from "../machine.mjs";
import { OPTIONS, RULE_SETS, RULES } from "./index.mjs";

const DEV_DEPENDENCY = "planted-dev-dependency";

/** Packages that the fixture resolves by name. */
const PACKAGES = [
  "packages/channels",
  "packages/channels-client",
  "packages/channels-redis",
  "packages/protocol",
  "packages/client",
  "packages/react",
  "apps/server",
  "apps/web",
  "examples/tutorial",
];

/**
 * Plants every violation and every permitted import in a fixture and analyzes it.
 * @returns {Promise<string[]>} what is wrong with the rules; empty when each does its work
 */
export async function checkRules() {
  const root = mkdtempSync(join(tmpdir(), "multichat-imports-"));
  try {
    for (const file of RULE_SETS.flatMap((set) => set.modules))
      write(join(root, file), "export const planted = true;\n");
    writePackages(root);
    const violations = RULE_SETS.flatMap((set) => set.violations).map(([rule, folder, specifier], index) => ({
      rule,
      specifier,
      file: plant(root, folder, specifier, `violation-${index}`),
    }));
    const permitted = RULE_SETS.flatMap((set) => set.permitted).map(([folder, specifier], index) => ({
      specifier,
      file: plant(root, folder, specifier, `permitted-${index}`),
    }));
    write(join(root, "packages/client/src/cycle-b.ts"), 'import "./cycle-a.ts";\n');

    const reported = (await analyze(root)).summary.violations;
    const missed = violations
      .filter(({ rule, file }) => !reported.some((found) => found.from === file && found.rule.name === rule))
      .map(({ rule, file, specifier }) => `${rule} does not catch ${file} importing ${specifier}`);
    const overreaching = permitted.flatMap(({ file, specifier }) =>
      reported
        .filter((found) => found.from === file)
        .map((found) => `${found.rule.name} forbids ${file} importing ${specifier}, which is allowed`),
    );
    const proven = new Set(violations.map(({ rule }) => rule));
    const unproven = RULES.filter(({ name }) => !proven.has(name ?? "")).map(
      ({ name }) => `${name} has no planted import`,
    );
    return [...missed, ...overreaching, ...unproven];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Writes the real manifests, and a node_modules that leads to the fixture's packages. @param {string} root */
function writePackages(root) {
  const manifest = readJson(join(ROOT, "package.json"));
  write(join(root, "package.json"), JSON.stringify({ ...manifest, devDependencies: { [DEV_DEPENDENCY]: "1.0.0" } }));
  const dependency = join(root, "node_modules", DEV_DEPENDENCY);
  write(join(dependency, "package.json"), JSON.stringify({ name: DEV_DEPENDENCY, version: "1.0.0", main: "index.js" }));
  write(join(dependency, "index.js"), "export {};\n");
  mkdirSync(join(root, "node_modules/@multichat"), { recursive: true });
  for (const folder of PACKAGES) {
    const { name, ...rest } = readJson(join(ROOT, folder, "package.json"));
    write(join(root, folder, "package.json"), JSON.stringify({ name, ...rest }));
    symlinkSync(join(root, folder), join(root, "node_modules", name));
  }
}

/**
 * Writes a module with one import. `place` is a folder, or the module itself. An area that is a single file (errors.ts)
 * is planted as a folder of that name, which its pattern matches as well.
 * @param {string} root @param {string} place @param {string} specifier @param {string} name
 * @returns {string} the module's path
 */
function plant(root, place, specifier, name) {
  const file = place.endsWith(".ts") ? place : `${place}/${name}.ts`;
  write(join(root, file), `import ${JSON.stringify(specifier)};\n`);
  return file;
}

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/**
 * Runs dependency-cruiser with our rules.
 * @param {string} root
 * @returns {Promise<import("dependency-cruiser").ICruiseResult>}
 */
export async function analyze(root) {
  const folders = ["packages", "apps", "examples", "bench", "e2e"];
  const workingDirectory = process.cwd();
  // dependency-cruiser resolves manifests and links from the working directory.
  process.chdir(root);
  try {
    const { output } = await cruise(
      folders,
      { ...OPTIONS, baseDir: root, validate: true, ruleSet: { forbidden: RULES } },
      OPTIONS.enhancedResolveOptions,
    );
    if (typeof output === "string") throw new TypeError("expected a result object from dependency-cruiser, got text");
    return output;
  } finally {
    process.chdir(workingDirectory);
  }
}
