#!/usr/bin/env node
// The command `multichat`. Runs on Node 18 or newer, far enough to start the server with a supported Node: the current one if
// it is new enough, otherwise the one that the clone has pinned in its node_modules.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const MIN_VERSION = { major: 22, minor: 16 };
const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), "..");
const BUILT = join(PACKAGE, "dist", "bundle", "main.js");
const SOURCE = join(PACKAGE, "src", "cli", "main.ts");
/** Set in the child process that this file starts, which must not start another one. */
const CHILD = "MULTICHAT_LAUNCHED";
/** @type {NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"];

/** @param {string} version */
function isSupported(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > MIN_VERSION.major || (major === MIN_VERSION.major && minor >= MIN_VERSION.minor);
}

/** Returns the Node that `npm install` put into a node_modules of this package or a parent folder. @returns {string | undefined} */
function pinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  for (let folder = PACKAGE; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", "node", "bin", name);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Runs another process with the terminal, signals and exit code of this process. @param {string} node @param {string[]} args */
function replaceWith(node, args) {
  // Before the child is there: a signal that came in between would end this process alone, and leave a server without a parent.
  // Handlers run in a later turn, when `child` is set.
  for (const signal of SIGNALS) {
    // Ctrl+C in a terminal reaches the child directly, because both are in the foreground.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY === true ? undefined : child.kill(signal)));
  }
  // Those that a service manager has opened for this process.
  const sockets = process.env.LISTEN_PID === String(process.pid) ? Number(process.env.LISTEN_FDS) : 0;
  const descriptors = Array.from({ length: sockets || 0 }, (_, index) => 3 + index);
  const child = spawn(node, args, {
    stdio: ["inherit", "inherit", "inherit", ...descriptors],
    env: { ...process.env, [CHILD]: "1" },
  });
  child.on("error", (error) => fail(`failed to run ${node}: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`multichat: ${message}\n`);
  process.exit(1);
}

const args = process.argv.slice(2);
const isChild = process.env[CHILD] === "1";
delete process.env[CHILD];
// The sockets of the service manager were for the process that has started this one.
if (isChild && process.env.LISTEN_PID === String(process.ppid)) process.env.LISTEN_PID = String(process.pid);
const isCurrentSupported = isSupported(process.version);
const isBuilt = existsSync(BUILT) && process.env.MULTICHAT_SOURCE !== "1";
if (isCurrentSupported && isBuilt) {
  await import(pathToFileURL(BUILT).href);
} else if (isCurrentSupported && isChild) {
  await import(pathToFileURL(SOURCE).href);
} else {
  const node = isCurrentSupported ? process.execPath : pinnedNode();
  if (node === undefined) {
    fail(
      `expected Node ${MIN_VERSION.major}.${MIN_VERSION.minor} or newer, this is ${process.version}. Run \`npm install\` in the clone, which includes a newer Node, or install one.`,
    );
  } else if (!isBuilt && !existsSync(SOURCE)) {
    fail("expected the built server in dist/. Run `npm run build`.");
  } else {
    // Runs the TypeScript sources directly; older Node versions need the flag to strip types.
    const strip = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
    const flags = isBuilt ? [] : ["--conditions=@multichat/source", ...strip];
    replaceWith(node, [...flags, fileURLToPath(import.meta.url), ...args]);
  }
}
