// Installs the packages of the lock file when, and only when, node_modules does not hold them already.
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
 * Why an install is needed; undefined when node_modules is what the lock file says. npm writes its record
 * (`node_modules/.package-lock.json`) as the last thing of an install, so one that was cut short counts as none.
 * @param {string} [root]
 * @returns {string | undefined}
 */
export function installReason(root = ROOT) {
  const recordPath = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(recordPath)) return "nothing is installed yet; a minute or two";
  /** @type {Record<string, { version?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }>} */
  const installed = readJson(recordPath).packages;
  /** @type {typeof installed} */
  const wanted = readJson(join(root, "package-lock.json")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes("node_modules/") || entry.link) continue;
    const present = installed[path];
    // Builds for other systems are optional and rightly absent.
    if (present === undefined && (entry.optional || entry.devOptional)) continue;
    if (present === undefined) return `${path} is missing`;
    if (present.version !== entry.version) return `${path} is ${present.version}, the lock file says ${entry.version}`;
  }
  for (const path of Object.keys(installed)) {
    if (path.startsWith("node_modules/") && wanted[path] === undefined)
      return `${path} is not in the lock file any more`;
  }
  return undefined;
}

/** Makes node_modules what the lock file says, and finds the Node to go on with. */
export async function install() {
  const why = installReason();
  if (why !== undefined) {
    await step(`Install packages (${why})`, async () => {
      await run("install", "npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
        // On the machine's own Node: the pinned one is inside the folder that npm is about to replace.
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
  const pin = pinnedNodeVersion();
  if (node?.pinned && node.version === pin) return node;
  const scriptsOff = [
    `npm installs the pinned Node ${pin} by that package's install script, and did not run it`,
    "(ignore-scripts is set in an .npmrc or as npm_config_ignore_scripts, or the script is not allowed).",
    "To get it: npm rebuild node --ignore-scripts=false",
  ];
  if (node !== undefined && isAtLeast(node.version, MIN_NODE_FOR_SERVER)) {
    console.log(`! Running on Node ${node.version} of this machine instead of the pinned ${pin}.`);
    for (const line of scriptsOff) console.log(`  ${line}`);
    return node;
  }
  throw new ScriptError(`There is no Node to run the server on: ${MIN_NODE_FOR_SERVER} or newer is needed.`, [
    ...scriptsOff,
    `Or install Node ${MIN_NODE_FOR_SERVER} or newer yourself: https://nodejs.org`,
  ]);
}
