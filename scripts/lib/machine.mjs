// What the scripts stand on: where the repository is, which Node runs, which one is pinned. Builtins only, and nothing
// newer than Node 18: this runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const BIN = join(ROOT, "node_modules", ".bin");

/** The oldest Node that the scripts themselves run on. */
export const OLDEST_FOR_SCRIPTS = "18.0.0";
/** The oldest Node that the server runs on: better-sqlite3 crashes below it. */
export const OLDEST_FOR_SERVER = "22.14.0";

/** A failure that is the machine's or the person's to mend: printed without a stack, `advice` line by line. */
export class Trouble extends Error {
  /** @param {string} message @param {string[]} [advice] */
  constructor(message, advice = []) {
    super(message);
    this.name = "Trouble";
    this.advice = advice;
  }
}

/** @param {string} path */
export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** The exact Node version that the repository pins. */
export function pinnedNodeVersion() {
  return readJson(join(ROOT, "package.json")).devDependencies.node;
}

/** Whether version `a` (x.y.z) is at least `b`. @param {string} a @param {string} b */
export function isAtLeast(a, b) {
  const [left, right] = [a, b].map((version) => version.replace(/^v/, "").split(".").map(Number));
  for (let place = 0; place < 3; place++) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Refuses a machine that nothing here can work on. */
export function checkMachine() {
  const version = process.versions.node;
  if (!isAtLeast(version, OLDEST_FOR_SCRIPTS)) {
    throw new Trouble(`Node ${version} is too old to start from; 18 or newer is needed.`, [
      "Install a supported Node (https://nodejs.org, or your system's packages) and run the command again.",
      `The server itself will run on Node ${pinnedNodeVersion()}, which is installed into node_modules.`,
    ]);
  }
  if (process.platform === "win32") {
    throw new Trouble("Windows itself is not supported.", [
      "Use WSL (https://learn.microsoft.com/windows/wsl/install) or Docker: docker compose up -d",
    ]);
  }
}

/** The environment for tools of this repository: its own binaries, and so its own Node, come first. */
export function toolEnv(extra = {}) {
  return { ...process.env, PATH: [BIN, pathWithoutOurs()].join(delimiter), ...extra };
}

/** The search path without this repository's binaries: an install removes them while it runs. */
export function pathWithoutOurs() {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(ROOT, "node_modules")))
    .join(delimiter);
}

/**
 * The Node that builds and serves: the pinned one, or else the machine's own when it is new enough.
 * @returns {{ path: string, version: string, pinned: boolean } | undefined}
 */
export function runtimeNode() {
  const pinned = join(BIN, "node");
  if (existsSync(pinned)) {
    const asked = spawnSync(pinned, ["--version"], { encoding: "utf8" });
    const version = asked.stdout?.trim().replace(/^v/, "");
    if (asked.status === 0 && version) return { path: pinned, version, pinned: true };
  }
  const found = spawnSync("node", ["--version"], {
    encoding: "utf8",
    env: { ...process.env, PATH: pathWithoutOurs() },
  });
  const version = found.stdout?.trim().replace(/^v/, "");
  if (version && isAtLeast(version, OLDEST_FOR_SERVER)) return { path: "node", version, pinned: false };
  return undefined;
}
