// Bundles what tests start as threads and processes of the server. Node then loads a few files in place of 400 modules, which
// costs a fifth of the processor time; a run of all tests starts some thousand threads.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { ROOT } from "../machine.mjs";
import { SERVER_EXTERNAL } from "../server-external.mjs";

/** Below the package, which the server finds from where its code lies, and hidden from Git and from an image. */
const FOLDER = join(ROOT, "apps/server/test/.cache");

/** What is started by the address of its file. */
const ENTRIES = {
  worker: "apps/server/src/store/sqlite/threads/worker.ts",
  "copy-worker": "apps/server/src/store/sqlite/maintenance/copy-worker.ts",
  "command-line": "apps/server/src/cli/main.ts",
  "server-child": "apps/server/test/support/server-child.ts",
  "child-store": "apps/server/test/store/support/child-store.ts",
  "child-restore": "apps/server/test/store/support/child-restore.ts",
};

/** A bundle that no run has used for so long is removed. */
const MAX_AGE_MS = 24 * 60 * 60_000;

/**
 * Bundles the entries as they are now.
 * @returns {Promise<string>} the address of a module that makes its process load the bundles in place of the entries
 */
export async function bundleEntries() {
  const input = Object.fromEntries(Object.entries(ENTRIES).map(([name, path]) => [name, join(ROOT, path)]));
  const bundle = await rolldown({
    input,
    cwd: ROOT,
    platform: "node",
    resolve: { conditionNames: ["@multichat/source", "node", "default"] },
    external: SERVER_EXTERNAL,
    logLevel: "warn",
  });
  const { output } = await bundle.generate({ format: "esm", charset: "ascii", comments: false });
  await bundle.close();
  const files = output.map((file) => ({
    name: file.fileName,
    content: file.type === "chunk" ? file.code : file.source,
  }));
  // Named by its contents, so that runs side by side do not replace what the others load.
  const hash = createHash("sha256");
  for (const { name, content } of files) hash.update(name).update("\0").update(content).update("\0");
  const folder = join(FOLDER, hash.digest("hex").slice(0, 16));
  if (!existsSync(folder)) {
    const written = `${folder}.${process.pid}`;
    for (const { name, content } of [...files, { name: "use-bundle.mjs", content: useBundle(folder) }]) {
      mkdirSync(dirname(join(written, name)), { recursive: true });
      writeFileSync(join(written, name), content);
    }
    moveInto(written, folder);
  }
  utimesSync(folder, new Date(), new Date());
  removeOldBundles();
  return pathToFileURL(join(folder, "use-bundle.mjs")).href;
}

/** Moves a folder, unless another run was first. @param {string} written @param {string} folder */
function moveInto(written, folder) {
  try {
    renameSync(written, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(written, { recursive: true });
  }
}

/** Returns a module that resolves each entry to its bundle. @param {string} folder */
function useBundle(folder) {
  const bundles = Object.entries(ENTRIES).map(([name, path]) => [
    pathToFileURL(join(ROOT, path)).href,
    pathToFileURL(join(folder, `${name}.js`)).href,
  ]);
  return `import { registerHooks } from "node:module";

const bundles = new Map(${JSON.stringify(bundles)});
registerHooks({
  resolve(specifier, context, nextResolve) {
    const bundle = bundles.get(specifier);
    return bundle === undefined ? nextResolve(specifier, context) : { url: bundle, format: "module", shortCircuit: true };
  },
});
`;
}

function removeOldBundles() {
  for (const name of readdirSync(FOLDER)) {
    const path = join(FOLDER, name);
    if (Date.now() - statSync(path).mtimeMs > MAX_AGE_MS) rmSync(path, { recursive: true, force: true });
  }
}
