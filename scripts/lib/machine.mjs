// What all scripts share: where the repository is, which Node runs and which one is pinned. Builtins only, and nothing
// newer than Node 18, because this runs before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));
const BIN = join(ROOT, "node_modules", ".bin");

/** The oldest Node that the scripts run on. */
const MIN_NODE_FOR_SCRIPTS = "18.0.0";
/** The oldest Node that the server runs on: the first with all of node:sqlite that it uses. */
export const MIN_NODE_FOR_SERVER = "22.16.0";

/** A failure that the user can fix. It is printed without a stack, followed by `advice` line by line. */
export class ScriptError extends Error {
  /** @param {string} message @param {string[]} [advice] */
  constructor(message, advice = []) {
    super(message);
    this.name = "ScriptError";
    this.advice = advice;
  }
}

/** @param {string} path */
export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}

/** Returns the exact Node version that the repository pins. */
export function pinnedNodeVersion() {
  return readJson(join(ROOT, "package.json")).devDependencies.node;
}

/** Whether version `a` (x.y.z) is at least `b`. @param {string} a @param {string} b */
export function isAtLeast(a, b) {
  const [left, right] = [a, b].map((version) => version.replace(/^v/, "").split(".").map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Throws on a machine that the scripts do not support. */
export function checkMachine() {
  const version = process.versions.node;
  if (!isAtLeast(version, MIN_NODE_FOR_SCRIPTS)) {
    throw new ScriptError(`Node ${version} is too old: expected 18 or newer.`, [
      "Install a supported Node (https://nodejs.org, or your system's packages) and run the command again.",
      `The server itself runs on Node ${pinnedNodeVersion()}, which is installed into node_modules.`,
    ]);
  }
  if (process.platform === "win32") {
    throw new ScriptError("Windows itself is not supported.", [
      "Use WSL (https://learn.microsoft.com/windows/wsl/install) or Docker: docker compose up -d",
    ]);
  }
}

/** Returns the environment for tools: this repository's binaries, and so its own Node, come first in the path. */
export function toolEnv(extra = {}) {
  return { ...process.env, PATH: [BIN, pathWithoutLocalBin()].join(delimiter), ...extra };
}

/** Returns the search path without this repository's binaries, which an install removes while it runs. */
export function pathWithoutLocalBin() {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !entry.startsWith(join(ROOT, "node_modules")))
    .join(delimiter);
}

/**
 * Finds the Node that builds and serves: the pinned one, or else the machine's own if it is new enough.
 * @returns {{ path: string, version: string, pinned: boolean } | undefined}
 */
export function findNode() {
  const pinned = join(BIN, "node");
  if (existsSync(pinned)) {
    const version = versionOf(pinned, process.env);
    if (version !== undefined) return { path: pinned, version, pinned: true };
  }
  const version = versionOf("node", { ...process.env, PATH: pathWithoutLocalBin() });
  if (version !== undefined && isAtLeast(version, MIN_NODE_FOR_SERVER)) return { path: "node", version, pinned: false };
  return undefined;
}

/** @param {string} node @param {NodeJS.ProcessEnv} env */
function versionOf(node, env) {
  const { status, stdout } = spawnSync(node, ["--version"], { encoding: "utf8", env });
  const version = stdout?.trim().replace(/^v/, "");
  return status === 0 && version ? version : undefined;
}
