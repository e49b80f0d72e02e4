// Checks the import rules (lib/import-rules), that each rule catches its planted violation, and that no compiled file was
// written beside the sources.
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { readWords } from "./lib/arguments.mjs";
import { filesBelow } from "./lib/fingerprint.mjs";
import { analyze, checkRules } from "./lib/import-rules/fixture.mjs";
import { AREAS } from "./lib/import-rules/index.mjs";
import { SERVER } from "./lib/import-rules/server.mjs";
import { ROOT, ScriptError } from "./lib/machine.mjs";
import { reportFailure } from "./lib/progress.mjs";

readWords(`node scripts/imports.mjs

Checks which module imports which, by the rules in scripts/lib/import-rules, and that each rule catches a violation that is
planted for it. The same as:

  npm test -- --only imports`);

const FOLDERS = ["packages", "apps", "examples", "bench", "e2e"];

/** Compiled files beside sources: a wrong rootDir puts them there, and imports would resolve to them first. */
function compiledBesideSources() {
  return ["packages", "apps", "examples"]
    .flatMap((folder) => filesBelow(join(ROOT, folder)))
    .map((file) => relative(ROOT, file))
    .filter(
      (file) =>
        /\/src\/.*\.(js|d\.ts|js\.map)$/.test(file) && existsSync(file.replace(/(\.d\.ts|\.js|\.js\.map)$/, ".ts")),
    )
    .map((file) => `${file} is compiled output among the sources; delete it`);
}

/**
 * Finds areas that match no module: their folder was renamed, or the pattern is mistyped.
 * @param {readonly string[]} modules
 */
function emptyAreas(modules) {
  return AREAS.flatMap(({ name, path }) => {
    const hasModules = modules.some((module) => new RegExp(path).test(module));
    const isPlanned = SERVER.notBuilt.includes(name);
    if (hasModules && isPlanned) return [`${name} has modules now; take it off notBuilt`];
    if (!hasModules && !isPlanned) return [`${name} has no module, so its rule guards nothing (${path})`];
    return [];
  });
}

/** Whether a module of the server belongs to no area, so that no rule applies to it. @param {string} module */
function isUnassigned(module) {
  if (!module.startsWith("apps/server/src/") || SERVER.compositionRoot.test(module)) return false;
  return !SERVER.areas.some(({ path }) => new RegExp(path).test(module));
}

try {
  const { modules, summary } = await analyze(ROOT);
  const sources = modules
    .map(({ source }) => source)
    .filter((source) => FOLDERS.some((folder) => source.startsWith(`${folder}/`)));
  const analyzed = new Set(sources);
  const files = FOLDERS.flatMap((folder) => filesBelow(join(ROOT, folder)))
    .map((file) => relative(ROOT, file))
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file));
  const problems = [
    ...summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    ...files.filter((file) => !analyzed.has(file)).map((file) => `${file} was not analyzed`),
    ...sources.filter(isUnassigned).map((module) => `${module} belongs to no area of the server, so no rule applies`),
    ...emptyAreas(sources),
    ...(await checkRules()),
    ...compiledBesideSources(),
  ];
  if (problems.length > 0) throw new ScriptError(`${problems.length} problems with imports:`, problems);
  console.log(
    `${sources.length} modules, ${summary.totalDependenciesCruised} imports, ${AREAS.length} areas; each rule catches its planted violation`,
  );
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
