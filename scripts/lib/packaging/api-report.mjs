// The public API of each package as its declarations say it: what an importer can name, on one page, without comments.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { ROOT, readJson } from "../machine.mjs";
import { PACKAGES } from "./tarballs.mjs";

/** @typedef {{ file: string, text: string }} Report */

/** Returns the report of each entry point. The packages have to be compiled. @returns {Promise<Report[]>} */
export async function makeReports() {
  /** @type {Report[]} */
  const reports = [];
  for (const name of PACKAGES) {
    const folder = join(ROOT, "packages", name);
    for (const [path, targets] of Object.entries(readJson(join(folder, "package.json")).exports)) {
      if (typeof targets === "string") continue;
      const entry = path === "." ? "index" : path.slice(2).replaceAll("/", "-");
      reports.push({
        file: `packages/${name}/api/${entry}.d.ts`,
        text: await bundleDeclarations(join(folder, targets.types)),
      });
    }
  }
  return reports;
}

/** @param {string} input a compiled module's declarations @returns {Promise<string>} */
async function bundleDeclarations(input) {
  const bundle = await rolldown({
    input,
    external: [/^[^./]/],
    plugins: [dts({ dtsInput: true, emitDtsOnly: true, tsconfig: false })],
    logLevel: "warn",
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  return output.map((part) => (part.type === "chunk" ? withoutNoise(part.code) : "")).join("\n");
}

/** Leaves out what no importer can use: comments and private members. @param {string} code */
function withoutNoise(code) {
  return code
    .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "")
    .replace(/^\s*\/\/.*\n/gm, "")
    .replace(/^ +(?:private|#)[^\n]*;\n/gm, "");
}

/** Returns the files of the repository that differ from the reports. @param {readonly Report[]} reports */
export function findChanged(reports) {
  return reports
    .filter(({ file, text }) => !existsSync(join(ROOT, file)) || readFileSync(join(ROOT, file), "utf8") !== text)
    .map(({ file }) => file);
}

/** @param {readonly Report[]} reports */
export function writeReports(reports) {
  for (const name of PACKAGES) rmSync(join(ROOT, "packages", name, "api"), { recursive: true, force: true });
  for (const { file, text } of reports) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true });
    writeFileSync(join(ROOT, file), text);
  }
}
