// Packs the packages, and checks what is in the tarballs.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT, readJson } from "../machine.mjs";
import { run } from "../progress.mjs";

/** @typedef {{ name: string, folder: string, file: string, files: string[] }} Tarball */

/** The packages in the order of their dependencies. */
export const PACKAGES = readdirSync(join(ROOT, "packages")).sort();

/**
 * Packs a package as npm publishes it; its prepack script compiles it.
 * @param {string} name its folder's name
 * @param {string} destination
 * @returns {Promise<Tarball>}
 */
export async function pack(name, destination) {
  const folder = join(ROOT, "packages", name);
  const output = await run(
    `pack-${name}`,
    "npm",
    ["pack", "--json", "--loglevel=error", "--pack-destination", destination],
    {
      cwd: folder,
    },
  );
  // Before npm's report come the lines of the prepack script.
  const report = JSON.parse(output.slice(output.search(/^[[{]/m)));
  const [{ filename, files }] = Array.isArray(report) ? report : Object.values(report);
  return {
    name,
    folder,
    file: join(destination, filename),
    files: files.map((/** @type {{ path: string }} */ { path }) => path),
  };
}

/**
 * Returns what is wrong with the content of a tarball: only compiled code, and all that its exports name.
 * @param {Tarball} tarball
 * @returns {string[]}
 */
export function findContentProblems({ name, folder, files }) {
  const problems = ["README.md", "LICENSE", "package.json"]
    .filter((file) => !files.includes(file))
    .map((file) => `${name}: expected ${file}, got ${files.length} files without it`);
  for (const file of files) {
    if (!/^(README\.md|LICENSE|package\.json|dist\/.+\.(js|d\.ts))$/.test(file)) {
      problems.push(`${name}: expected compiled code and the README, got ${file}`);
    }
  }
  const { exports } = readJson(join(folder, "package.json"));
  for (const [path, targets] of Object.entries(exports)) {
    if (typeof targets === "string") continue;
    for (const condition of ["types", "default"]) {
      const file = targets[condition]?.replace("./", "");
      if (!files.includes(file)) problems.push(`${name}: expected ${file}, the ${condition} of ${path}`);
    }
  }
  return problems;
}
