// Installs the packages of the lock file, but only if node_modules differs from it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  findNode,
  isAtLeast,
  MIN_NODE_FOR_SERVER,
  pathWithoutLocalBin,
  pinnedNodeVersion,
  ROOT,
  readJson,
  ScriptError,
} from "./machine.mjs";
import { run, step } from "./progress.mjs";

/**
 * Returns why an install is needed, or undefined if node_modules matches the lock file. npm writes its record
 * (`node_modules/.package-lock.json`) at the end of an install, so an interrupted install counts as none.
 * @param {string} [root]
 * @returns {string | undefined}
 */
export function installReason(root = ROOT) {
  const recordPath = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(recordPath)) return "nothing is installed yet; a minute or two";
  /** @type {Record<string, { version?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }>} */
  const installed = readJson(recordPath).packages;
  /** @type {typeof installed} */
  const locked = readJson(join(root, "package-lock.json")).packages;
  for (const [path, entry] of Object.entries(locked)) {
    if (!path.includes("node_modules/") || entry.link) continue;
    const current = installed[path];
    // Builds for other systems are optional and absent.
    if (current === undefined && (entry.optional || entry.devOptional)) continue;
    if (current === undefined) return `${path} is missing`;
    if (current.version !== entry.version) return `${path} is ${current.version}, the lock file says ${entry.version}`;
  }
  for (const path of Object.keys(installed)) {
    if (path.startsWith("node_modules/") && locked[path] === undefined) return `${path} is no longer in the lock file`;
  }
  return undefined;
}

/** Installs the packages if needed and returns the Node to continue with. */
export async function install() {
  const reason = installReason();
  if (reason !== undefined) {
    await step(`Install packages (${reason})`, async () => {
      await run("install", "npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
        // On the machine's own Node, because npm replaces the folder of the pinned one.
        env: { ...process.env, PATH: pathWithoutLocalBin() },
        advice: [
          "If the registry could not be reached, check the network or the proxy (npm config get registry) and run this again.",
          "If npm says that package.json and package-lock.json are not in sync, run: npm install",
          "If npm itself is missing, install Node with npm: https://nodejs.org",
        ],
      });
      return "done";
    });
  }
  return selectNode();
}

function selectNode() {
  const node = findNode();
  const pinnedVersion = pinnedNodeVersion();
  if (node?.pinned && node.version === pinnedVersion) return node;
  const scriptsOff = [
    `npm did not run the install script of the pinned Node ${pinnedVersion}`,
    "(ignore-scripts is set in an .npmrc or as npm_config_ignore_scripts, or the script is not allowed).",
    "To get it: npm rebuild node --ignore-scripts=false",
  ];
  if (node !== undefined && isAtLeast(node.version, MIN_NODE_FOR_SERVER)) {
    console.log(`! Running on Node ${node.version} of this machine instead of the pinned ${pinnedVersion}.`);
    for (const line of scriptsOff) console.log(`  ${line}`);
    return node;
  }
  throw new ScriptError(`Found no Node to run the server on: expected ${MIN_NODE_FOR_SERVER} or newer.`, [
    ...scriptsOff,
    `Or install Node ${MIN_NODE_FOR_SERVER} or newer: https://nodejs.org`,
  ]);
}
