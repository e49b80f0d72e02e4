// Builds what production runs: the compiled packages and server, and the web client. Each part is built again only when
// its sources changed, so that a second start costs a fraction of a second.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesBelow, fingerprint } from "./fingerprint.mjs";
import { ROOT, readJson } from "./machine.mjs";
import { run, step } from "./progress.mjs";

const STAMP = join(ROOT, ".cache", "build.json");
const COMPILED = [
  "packages/protocol",
  "packages/channels",
  "packages/channels-redis",
  "packages/client",
  "apps/server",
];

/** @typedef {{ name: string, sources: string[], outputs: string[], make: (node: string) => Promise<unknown> }} Part */

/** @type {Part[]} */
const PARTS = [
  {
    name: "server",
    sources: [
      "package-lock.json",
      "tsconfig.base.json",
      ...COMPILED.flatMap((folder) => ["package.json", "tsconfig.json", "src"].map((name) => `${folder}/${name}`)),
    ],
    outputs: ["apps/server/dist/main.js", "packages/channels/dist/index.js"],
    make: async (node) => {
      await run("build-server", node, [TSC, "-b", ...COMPILED]);
      for (const folder of COMPILED) removeOrphans(join(ROOT, folder));
    },
  },
  {
    name: "web client",
    sources: [
      "package-lock.json",
      "tsconfig.base.json",
      "apps/web",
      ...["client", "protocol"].flatMap((name) => [`packages/${name}/package.json`, `packages/${name}/src`]),
    ],
    outputs: ["apps/web/dist/index.html"],
    make: async (node) => {
      await run("build-web", node, [join(ROOT, "node_modules/vite/bin/vite.js"), "build"], {
        cwd: join(ROOT, "apps/web"),
      });
    },
  },
];

export const TSC = join(ROOT, "node_modules/typescript-7/bin/tsc");

/** Builds what is not built from the sources as they are. @param {string} node the Node to build with */
export async function build(node) {
  for (const part of PARTS) {
    const print = fingerprint(ROOT, part.sources);
    if (readStamps()[part.name] === print && part.outputs.every((path) => existsSync(join(ROOT, path)))) continue;
    await step(`Build the ${part.name}`, async () => {
      await part.make(node);
      writeStamp(part.name, print);
    });
  }
}

/** @returns {Record<string, string>} */
function readStamps() {
  try {
    return readJson(STAMP);
  } catch {
    return {};
  }
}

/** @param {string} name @param {string} print */
function writeStamp(name, print) {
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  writeFileSync(STAMP, JSON.stringify({ ...readStamps(), [name]: print }, null, 2));
}

/**
 * Removes compiled files whose source is gone: the compiler leaves them, and production would go on finding them.
 * @param {string} folder of a package
 */
export function removeOrphans(folder) {
  const sources = join(folder, "src");
  const outputs = join(folder, "dist");
  if (!existsSync(outputs)) return;
  const known = new Set(filesBelow(sources).map((file) => relative(sources, file).replace(/\.tsx?$/, "")));
  const walk = (/** @type {string} */ at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else {
        const stem = relative(outputs, path).match(/^(.*?)(\.d\.ts|\.js)(\.map)?$/)?.[1];
        if (stem !== undefined && !known.has(stem)) rmSync(path);
      }
    }
  };
  walk(outputs);
}
