// Bundles the compiled server into a few files: Node then reads and compiles a fraction of the modules, so that it starts in
// half the time and with less memory. `npm run build` runs it after the compiler; it needs the pinned Node.
import { createRequire } from "node:module";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { readWords } from "./lib/arguments.mjs";
import { ROOT } from "./lib/machine.mjs";
import { SERVER_EXTERNAL } from "./lib/server-external.mjs";

readWords(`node scripts/bundle-server.mjs

Bundles the compiled server, apps/server/dist, into apps/server/dist/bundle. npm run build does it after the compiler.`);

const COMPILED = join(ROOT, "apps/server/dist");

// The server's dependency, not one of the scripts.
const server = createRequire(join(ROOT, "apps/server/package.json"));
const swagger = createRequire(server.resolve("@fastify/swagger"));
/** Modules that would take much time and memory to load when a server starts. @type {Readonly<Record<string, string>>} */
const REPLACED = {
  // An import of it as an ES module reads all of its exports. One of them loads Node's `fetch`: 60 ms and some megabytes.
  "node:http": `module.exports = process.getBuiltinModule("node:http");`,
  // Only for those who ask for the document of the API as YAML.
  yaml: `exports.stringify = (...values) => require(${JSON.stringify(swagger.resolve("yaml"))}).stringify(...values);`,
};

/** @type {import("rolldown").Plugin} */
const replaceModules = {
  name: "replace-modules",
  resolveId: {
    filter: { id: /^(?:node:http|yaml)$/ },
    handler: (id) => `\0replaced:${id}`,
  },
  load: {
    filter: { id: /^\0replaced:/ },
    handler: (id) => ({ code: REPLACED[id.slice("\0replaced:".length)] ?? "", moduleType: "js" }),
  },
};

const bundle = await rolldown({
  input: {
    main: join(COMPILED, "cli/main.js"),
    // Threads, which are started by the addresses of these files.
    worker: join(COMPILED, "store/sqlite/threads/worker.js"),
    "copy-worker": join(COMPILED, "store/sqlite/maintenance/copy-worker.js"),
  },
  platform: "node",
  external: SERVER_EXTERNAL,
  plugins: [replaceModules],
  logLevel: "warn",
});
// Not minified, so that stack traces name functions. V8 keeps the source in memory, with two bytes a character unless
// all are ASCII; the licences stay in node_modules.
await bundle.write({
  dir: join(COMPILED, "bundle"),
  format: "esm",
  charset: "ascii",
  comments: false,
  cleanDir: true,
});
await bundle.close();
