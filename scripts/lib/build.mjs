// Builds what production runs: the compiled packages and server, and the web client. A part is built again only if its
// sources changed, so that a second start costs a fraction of a second.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesBelow, fingerprint } from "./fingerprint.mjs";
import { ROOT, readJson } from "./machine.mjs";
import { run, step } from "./progress.mjs";

/** The fingerprints of the sources that each part was built from. */
const FINGERPRINTS = ".cache/build.json";
const COMPILED = [
  "packages/protocol",
  "packages/channels",
  "packages/channels-redis",
  "packages/client",
  "apps/server",
];
const WEB = "apps/web";

/** @typedef {{ name: string, sources: string[], outputs: string[], build: (node: string) => Promise<unknown> }} Part */

/** @type {Part[]} */
const PARTS = [
  {
    name: "server",
    sources: [
      "package-lock.json",
      "tsconfig.base.json",
      "scripts/bundle-server.mjs",
      "scripts/lib/server-external.mjs",
      ...COMPILED.flatMap((folder) => ["package.json", "tsconfig.json", "src"].map((name) => `${folder}/${name}`)),
    ],
    outputs: ["apps/server/dist/bundle/main.js", "packages/channels/dist/index.js"],
    build: async (node) => {
      await run("build-server", node, [TSC, "-b", ...COMPILED]);
      for (const folder of COMPILED) removeOrphans(join(ROOT, folder));
      await run("bundle-server", node, [BUNDLE_SERVER]);
    },
  },
  {
    name: "web client",
    sources: [
      "package-lock.json",
      "tsconfig.base.json",
      WEB,
      ...["client", "protocol"].flatMap((name) => [`packages/${name}/package.json`, `packages/${name}/src`]),
    ],
    outputs: [`${WEB}/dist/index.html`],
    build: async (node) => {
      await run("build-web", node, [join(ROOT, "node_modules/vite/bin/vite.js"), "build"], {
        cwd: join(ROOT, WEB),
      });
    },
  },
];

const BUNDLE_SERVER = join(ROOT, "scripts/bundle-server.mjs");
export const TSC = join(ROOT, "node_modules/typescript-7/bin/tsc");

/** Returns the names of the parts that were not built from their current sources. @returns {string[]} */
export function listStaleParts() {
  return PARTS.filter((part) => !isBuiltFrom(part, fingerprint(ROOT, part.sources))).map(({ name }) => name);
}

/** @param {Part} part @param {string} current the fingerprint of its sources */
function isBuiltFrom(part, current) {
  return part.outputs.every((path) => existsSync(join(ROOT, path))) && readFingerprints()[part.name] === current;
}

/** Builds the parts whose sources changed since they were built. @param {string} node the Node to build with */
export async function build(node) {
  for (const part of PARTS) {
    const current = fingerprint(ROOT, part.sources);
    if (isBuiltFrom(part, current)) continue;
    await step(`Build the ${part.name}`, async () => {
      await part.build(node);
      saveFingerprint(part.name, current);
    });
  }
}

/** Copies what was built here to another copy of the repository, where `build` then builds only what differs. @param {string} root */
export function copyBuild(root) {
  for (const path of [FINGERPRINTS, ...[...COMPILED, WEB].map((folder) => `${folder}/dist`)]) {
    if (!existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(ROOT, path), join(root, path), { recursive: true, preserveTimestamps: true });
  }
}

/** @returns {Record<string, string>} */
function readFingerprints() {
  try {
    return readJson(join(ROOT, FINGERPRINTS));
  } catch {
    return {};
  }
}

/** @param {string} part @param {string} current */
function saveFingerprint(part, current) {
  const path = join(ROOT, FINGERPRINTS);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ ...readFingerprints(), [part]: current }, null, 2));
}

/**
 * Removes compiled files whose source is gone. The compiler keeps them, and production would still find them.
 * @param {string} folder a package
 */
export function removeOrphans(folder) {
  const sources = join(folder, "src");
  const outputs = join(folder, "dist");
  if (!existsSync(outputs)) return;
  const sourceNames = new Set(filesBelow(sources).map((file) => relative(sources, file).replace(/\.tsx?$/, "")));
  const visit = (/** @type {string} */ at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) visit(path);
      else {
        const name = relative(outputs, path).match(/^(.*?)(\.d\.ts|\.js)(\.map)?$/)?.[1];
        if (name !== undefined && !sourceNames.has(name)) rmSync(path);
      }
    }
  };
  visit(outputs);
}
