// Who may import whom (lib/wall-rules.mjs), that the rules hold (lib/planted.mjs), and that no compiled file strayed into
// the sources.
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { filesBelow } from "./lib/fingerprint.mjs";
import { ROOT, Trouble } from "./lib/machine.mjs";
import { checkRules, cruiseHouse } from "./lib/planted.mjs";
import { report } from "./lib/progress.mjs";
import { COMPOSITION, NOT_BUILT, ROOMS } from "./lib/wall-rules.mjs";

/** Compiled files beside sources: a wrong rootDir writes them there, and imports would find them first. */
function strays() {
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
 * A room without a module guards nothing: its folder was renamed, or its pattern is mistyped.
 * @param {import("./lib/wall-rules.mjs").Room} room @param {readonly string[]} modules
 */
function emptiness(room, modules) {
  const built = modules.some((source) => new RegExp(room.path).test(source));
  if (built && NOT_BUILT.includes(room.name)) return [`${room.name} is built now; take it off NOT_BUILT`];
  if (!built && !NOT_BUILT.includes(room.name))
    return [`${room.name} has no module, its rule guards nothing (${room.path})`];
  return [];
}

/** @param {string} source */
function isHomeless(source) {
  if (!source.startsWith("apps/server/src/") || COMPOSITION.test(source)) return false;
  return !ROOMS.some((room) => room.within === "^apps/server/src/" && new RegExp(room.path).test(source));
}

try {
  const { modules, summary } = await cruiseHouse(ROOT);
  const ours = modules
    .map((module) => module.source)
    .filter((source) => /^(packages|apps|examples|bench|e2e)\//.test(source));
  const files = ["packages", "apps", "examples", "bench", "e2e"]
    .flatMap((folder) => filesBelow(join(ROOT, folder)))
    .map((file) => relative(ROOT, file))
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file));
  const seen = new Set(ours);
  const problems = [
    ...summary.violations.map((one) => `${one.rule.name}: ${one.from} -> ${one.to}`),
    ...files.filter((file) => !seen.has(file)).map((file) => `${file} was not looked at`),
    ...ours.filter(isHomeless).map((source) => `${source} stands in no room of the server, so no rule holds it`),
    ...ROOMS.flatMap((room) => emptiness(room, ours)),
    ...(await checkRules()),
    ...strays(),
  ];
  if (problems.length > 0) throw new Trouble(`${problems.length} holes in the walls:`, problems);
  console.log(
    `${ours.length} modules, ${summary.totalDependenciesCruised} imports, ${ROOMS.length} rooms; each rule catches its planted import`,
  );
} catch (failure) {
  report(failure);
  process.exitCode = 1;
}
