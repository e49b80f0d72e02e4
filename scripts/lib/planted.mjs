// Proof that the walls stand: a small copy of the house with one wrong import planted for each rule. A rule that does not
// catch its own is a rule that has come loose (a folder renamed, a pattern mistyped) and nobody would notice.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import { ROOT, readJson } from "./machine.mjs";
import { OPTIONS, RULES } from "./wall-rules.mjs";

/** Modules that are there to be imported. */
const HOUSE = [
  "packages/channels/src/index.ts",
  "packages/channels/src/errors.ts",
  "packages/channels/src/layer/index.ts",
  "packages/channels/src/layer/memory.ts",
  "packages/channels/src/consumer/consumer.ts",
  "packages/channels/src/routing/router.ts",
  "packages/channels/src/server/server.ts",
  "packages/channels/src/testing/index.ts",
  "packages/channels-redis/src/index.ts",
  "packages/protocol/src/index.ts",
  "packages/protocol/src/schemas.ts",
  "packages/protocol/src/errors.ts",
  "packages/client/src/index.ts",
  "apps/server/src/main.ts",
  "apps/server/src/config.ts",
  "apps/server/src/consumers/chat.ts",
  "apps/server/src/http/api.ts",
  "apps/server/src/commands/post.ts",
  "apps/server/src/policies/rooms.ts",
  "apps/server/src/store/store.ts",
  "apps/server/src/accounts/accounts.ts",
  "apps/server/src/broadcasts/broadcasts.ts",
  "apps/server/src/jobs/retention.ts",
  "apps/server/src/cli/serve.ts",
  "apps/web/src/main.ts",
  "apps/web/src/connection/connection.ts",
  "apps/web/src/stores/rooms.ts",
  "apps/web/src/scenes/chat.ts",
  "apps/web/src/components/button.ts",
  "examples/tutorial/src/index.ts",
  "bench/src/fanout.ts",
  "e2e/src/kit.ts",
];

/** [rule, the folder of the planted module, what it imports]. */
const WRONG = [
  ["walls-of-channels", "packages/channels/src/layer", "@multichat/protocol"],
  ["walls-of-channels-redis", "packages/channels-redis/src", "@multichat/channels"],
  ["walls-of-protocol", "packages/protocol/src", "@multichat/channels/layer"],
  ["walls-of-client", "packages/client/src", "@multichat/channels"],
  ["walls-of-server", "apps/server/src/http", "@multichat/client"],
  ["walls-of-server", "apps/server/src/http", "../../../web/src/main.ts"],
  ["walls-of-web", "apps/web/src/scenes", "@multichat/channels"],
  ["walls-of-web", "apps/web/src/scenes", "../../../server/src/policies/rooms.ts"],
  ["walls-of-examples", "examples/tutorial/src", "@multichat/protocol"],
  ["walls-of-channels/layer", "packages/channels/src/layer", "../consumer/consumer.ts"],
  ["walls-of-channels/consumer", "packages/channels/src/consumer", "../routing/router.ts"],
  ["walls-of-channels/routing", "packages/channels/src/routing", "../server/server.ts"],
  ["walls-of-channels/middleware", "packages/channels/src/middleware", "../routing/router.ts"],
  ["walls-of-channels/presence", "packages/channels/src/presence", "../server/server.ts"],
  ["walls-of-channels/server", "packages/channels/src/server", "../testing/index.ts"],
  ["walls-of-channels/worker", "packages/channels/src/worker", "../server/server.ts"],
  ["walls-of-channels/errors", "packages/channels/src/errors", "../layer/memory.ts"],
  ["walls-of-channels/index", "packages/channels/src/index", "../testing/index.ts"],
  ["walls-of-server/policies", "apps/server/src/policies", "../store/store.ts"],
  ["layers-only-in-main-and-broadcasts", "apps/server/src/store", "@multichat/channels/layer"],
  ["walls-of-server/store", "apps/server/src/store", "../broadcasts/broadcasts.ts"],
  ["walls-of-server/accounts", "apps/server/src/accounts", "../commands/post.ts"],
  ["walls-of-server/broadcasts", "apps/server/src/broadcasts", "../commands/post.ts"],
  ["walls-of-server/commands", "apps/server/src/commands", "../consumers/chat.ts"],
  ["walls-of-server/consumers", "apps/server/src/consumers", "../store/store.ts"],
  ["walls-of-server/http", "apps/server/src/http", "../store/store.ts"],
  ["walls-of-server/jobs", "apps/server/src/jobs", "../store/store.ts"],
  ["walls-of-server/cli", "apps/server/src/cli", "../store/store.ts"],
  ["walls-of-server/ground", "apps/server/src/config", "../store/store.ts"],
  ["layers-only-in-main-and-broadcasts", "apps/server/src/commands", "@multichat/channels/layer"],
  ["one-composition-root", "apps/server/src/http", "../main.ts"],
  ["walls-of-web/connection", "apps/web/src/connection", "../stores/rooms.ts"],
  ["walls-of-web/stores", "apps/web/src/stores", "../scenes/chat.ts"],
  ["walls-of-web/components", "apps/web/src/components", "../scenes/chat.ts"],
  ["only-tests-import-testing", "apps/server/src/consumers", "@multichat/channels/testing"],
  ["through-the-door", "packages/channels-redis/test", "../../channels/src/layer/memory.ts"],
  ["by-name-not-by-path", "packages/client/src", "../../protocol/src/index.ts"],
  ["sources-import-no-tests", "apps/server/src/cli", "../../../../e2e/src/kit.ts"],
  ["declared-dependencies", "packages/client/src", "planted-dev-dependency"],
  ["resolvable", "packages/client/src", "./nowhere.ts"],
];

/** [the folder, what it may import]: a wall that stands in a doorway is as wrong as one that is missing. */
const RIGHT = [
  ["packages/channels-redis/src", "@multichat/channels/layer"],
  ["packages/channels-redis/test", "@multichat/channels/testing"],
  ["packages/client/src", "@multichat/protocol"],
  ["packages/channels/src/server", "../routing/router.ts"],
  ["apps/server/src/consumers", "../commands/post.ts"],
  ["apps/server/src/consumers", "@multichat/channels"],
  ["apps/server/src/commands", "../store/store.ts"],
  ["apps/server/src/broadcasts", "@multichat/channels/layer"],
  ["apps/server/src/cli", "../main.ts"],
  ["apps/server/src/http", "../accounts/accounts.ts"],
  ["apps/server/src/http", "../config.ts"],
  ["apps/server/src/http", "@multichat/protocol/schemas"],
  ["apps/web/src/scenes", "../stores/rooms.ts"],
  ["apps/web/src/connection", "@multichat/client"],
  ["examples/tutorial/src", "@multichat/channels"],
];

/**
 * Builds the small house, cruises it, and says what is wrong with the rules themselves.
 * @returns {Promise<string[]>}
 */
export async function checkRules() {
  const house = mkdtempSync(join(tmpdir(), "multichat-walls-"));
  try {
    for (const file of HOUSE) write(join(house, file), "export const here = true;\n");
    furnish(house);
    const wrong = WRONG.map(([rule = "", folder = "", specifier = ""], place) => ({
      rule,
      specifier,
      file: plant(house, folder, specifier, `wrong-${place}`),
    }));
    const right = RIGHT.map(([folder = "", specifier = ""], place) => ({
      specifier,
      file: plant(house, folder, specifier, `right-${place}`),
    }));
    const ring = ["packages/client/src/ring-a.ts", "packages/client/src/ring-b.ts"];
    write(join(house, ring[0] ?? ""), 'import "./ring-b.ts";\n');
    write(join(house, ring[1] ?? ""), 'import "./ring-a.ts";\n');
    const violations = await violationsIn(house);
    const caught = (/** @type {string} */ rule, /** @type {string} */ file) =>
      violations.some((one) => one.from === file && one.rule.name === rule);

    const loose = wrong
      .filter((one) => !caught(one.rule, one.file))
      .map((one) => `${one.rule} does not catch ${one.file} importing ${one.specifier}`);
    if (!caught("no-cycle", ring[0] ?? "")) loose.push("no-cycle does not catch a ring of two modules");
    const inTheWay = right.flatMap((one) =>
      violations
        .filter((violation) => violation.from === one.file)
        .map((violation) => `${violation.rule.name} forbids ${one.file} importing ${one.specifier}, which is allowed`),
    );
    const proven = new Set([...WRONG.map(([rule]) => rule), "no-cycle"]);
    const unproven = RULES.filter((rule) => !proven.has(rule.name)).map((rule) => `${rule.name} has no planted import`);
    return [...loose, ...inTheWay, ...unproven];
  } finally {
    rmSync(house, { recursive: true, force: true });
  }
}

/** The real manifests, and node_modules that lead to the small house's packages. @param {string} house */
function furnish(house) {
  const root = readJson(join(ROOT, "package.json"));
  const tool = "planted-dev-dependency";
  write(join(house, "package.json"), JSON.stringify({ ...root, devDependencies: { [tool]: "1.0.0" } }));
  write(
    join(house, "node_modules", tool, "package.json"),
    JSON.stringify({ name: tool, version: "1.0.0", main: "index.js" }),
  );
  write(join(house, "node_modules", tool, "index.js"), "export {};\n");
  mkdirSync(join(house, "node_modules/@multichat"), { recursive: true });
  for (const folder of [
    "packages/channels",
    "packages/channels-redis",
    "packages/protocol",
    "packages/client",
    "apps/server",
    "apps/web",
    "examples/tutorial",
  ]) {
    const manifest = readJson(join(ROOT, folder, "package.json"));
    write(join(house, folder, "package.json"), JSON.stringify(manifest));
    symlinkSync(join(house, folder), join(house, "node_modules", manifest.name));
  }
}

/** @param {string} house @param {string} folder @param {string} specifier @param {string} name */
function plant(house, folder, specifier, name) {
  // A room that is one file (errors.ts) is planted as a folder of that name: the rules take both.
  const file = `${folder}/${name}.ts`;
  write(join(house, file), `import ${JSON.stringify(specifier)};\n`);
  return file;
}

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** @param {string} root */
export async function violationsIn(root) {
  return (await cruiseHouse(root)).summary.violations;
}

/**
 * @param {string} root
 * @returns {Promise<import("dependency-cruiser").ICruiseResult>}
 */
export async function cruiseHouse(root) {
  const folders = ["packages", "apps", "examples", "bench", "e2e"];
  const before = process.cwd();
  // dependency-cruiser resolves manifests and links from the working directory.
  process.chdir(root);
  try {
    const { output } = await cruise(
      folders,
      { ...OPTIONS, baseDir: root, validate: true, ruleSet: { forbidden: RULES } },
      OPTIONS.enhancedResolveOptions,
    );
    if (typeof output === "string")
      throw new TypeError("dependency-cruiser was expected to return its result, not text.");
    return output;
  } finally {
    process.chdir(before);
  }
}
