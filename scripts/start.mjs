// `npm start`: from a clean clone to a serving chat. Runs on any Node from 18, before anything is installed.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { build } from "./lib/build.mjs";
import { install } from "./lib/install.mjs";
import { withLock } from "./lib/lock.mjs";
import { checkMachine, ROOT, toolEnv } from "./lib/machine.mjs";
import { reportFailure } from "./lib/progress.mjs";

const HELP = `npm start [-- OPTIONS OF "multichat serve"]

Installs the packages, builds the server and the web client, and serves the chat. What is installed and built already
stays as it is, so a second start takes a moment.

The server is configured by environment variables, above all:
  PORT       the port to listen on (8000)
  HOST       the address to listen on
  DATA_DIR   the folder of the database (./data)
All of them: docs/reference/configuration.md, or npx multichat serve --help`;

/** Two signals within this time are one, sent by the terminal and by npm. */
const DUPLICATE_SIGNAL_MS = 500;

/** @param {string} node @param {readonly string[]} args */
function serve(node, args) {
  /** @type {Map<NodeJS.Signals, number>} */
  const lastForwardedAt = new Map();
  // Before the server is there: a signal that came in between would leave it without a parent. Handlers run in a later turn.
  for (const signal of /** @type {NodeJS.Signals[]} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"])) {
    process.on(signal, () => {
      // Ctrl+C in a terminal reaches the server directly, because it is in the same process group.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      const last = lastForwardedAt.get(signal);
      if (last !== undefined && Date.now() - last < DUPLICATE_SIGNAL_MS) return;
      lastForwardedAt.set(signal, Date.now());
      server.kill(signal);
    });
  }
  const server = spawn(node, [join(ROOT, "apps/server/bin/multichat.mjs"), "serve", ...args], {
    cwd: ROOT,
    env: toolEnv({
      // Node reuses its compiled code at the next start.
      NODE_COMPILE_CACHE: join(ROOT, ".cache", "compile"),
      // The C library would reserve memory for each thread, which few of them need.
      MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? "2",
    }),
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.on("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(HELP);
} else {
  try {
    checkMachine();
    const node = await withLock(async () => {
      const found = await install();
      await build(found.path);
      return found;
    });
    process.exitCode = await serve(node.path, args);
  } catch (failure) {
    reportFailure(failure);
    process.exitCode = 1;
  }
}
