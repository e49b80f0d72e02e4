#!/usr/bin/env node
// The command `multichat`. Runs on any Node from 18, far enough to find the one that the chat itself needs: the machine's
// where it is new enough, else the one that the clone has pinned in its node_modules.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const OLDEST = { major: 22, minor: 14 };
const PACKAGE = join(dirname(fileURLToPath(import.meta.url)), "..");
const BUILT = join(PACKAGE, "dist", "cli", "main.js");
const SOURCE = join(PACKAGE, "src", "cli", "main.ts");
/** Set in a child of this file: it runs what it was told to and looks no further. */
const CHILD = "MULTICHAT_LAUNCHED";
/** @type {NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"];

/** @param {string} version */
function newEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

/** The Node that `npm install` brought, in this package's or any outer node_modules. @returns {string | undefined} */
function pinnedNode() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  for (let folder = PACKAGE; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", "node", "bin", name);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

/** Runs another process in this one's place: its terminal, its signals, its exit code. @param {string} node @param {string[]} args */
function become(node, args) {
  const running = spawn(node, args, { stdio: "inherit", env: { ...process.env, [CHILD]: "1" } });
  for (const signal of SIGNALS) {
    // Ctrl+C in a terminal reaches it by itself: both are in its foreground.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY === true ? undefined : running.kill(signal)));
  }
  running.on("error", (error) => fail(`${node} could not be run: ${error.message}`));
  running.on("exit", (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
}

/** @param {string} why */
function fail(why) {
  process.stderr.write(`multichat: ${why}\n`);
  process.exit(1);
}

const args = process.argv.slice(2);
const child = process.env[CHILD] === "1";
delete process.env[CHILD];
const current = newEnough(process.version);
const built = existsSync(BUILT) && process.env.MULTICHAT_SOURCE !== "1";
if (current && built) {
  await import(pathToFileURL(BUILT).href);
} else if (current && child) {
  await import(pathToFileURL(SOURCE).href);
} else {
  const node = current ? process.execPath : pinnedNode();
  if (node === undefined) {
    fail(
      `expected Node ${OLDEST.major}.${OLDEST.minor} or newer, this is ${process.version}. Run \`npm install\` in the clone, which brings one along, or install a newer Node.`,
    );
  } else if (!built && !existsSync(SOURCE)) {
    fail("expected the built server in dist/. Run `npm run build`.");
  } else {
    // The sources run as they are; where Node does not yet strip types by itself, it is asked to.
    const strip = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"];
    const flags = built ? [] : ["--conditions=@multichat/source", ...strip];
    become(node, [...flags, fileURLToPath(import.meta.url), ...args]);
  }
}
