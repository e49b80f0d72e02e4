// `npm run sbom`: writes the software bill of materials of what production runs.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readWords } from "./lib/arguments.mjs";
import { ROOT, readJson, ScriptError } from "./lib/machine.mjs";
import { findSbomProblems } from "./lib/packaging/sbom.mjs";
import { reportFailure, run } from "./lib/progress.mjs";

const [given] = readWords(
  `npm run sbom [-- FILE]

Writes the software bill of materials of what production runs, the server and the web client, as CycloneDX in JSON. It reads
the lock file, so nothing needs to be installed; it needs npm 10 or newer.

  FILE   where to write it (default: build/sbom.cdx.json)

For example: npm run sbom -- /tmp/multichat.cdx.json`,
  { maxWords: 1 },
);
const file = resolve(given ?? join(ROOT, "build", "sbom.cdx.json"));
// The server, and the web client whose packages are in its bundle. From the lock file, so nothing needs to be installed.
const workspaces = ["--workspace=apps/server", "--workspace=apps/web"];
const args = ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--omit=dev", "--package-lock-only"];

try {
  const output = await run("sbom", "npm", [...args, ...workspaces, "--loglevel=error"], {
    advice: ["It needs npm 10 or newer."],
  });
  const sbom = JSON.parse(output.slice(output.indexOf("{")));
  const { name } = readJson(join(ROOT, "package.json"));
  // npm takes the name of the clone's folder.
  sbom.metadata.component.name = name;
  const problems = findSbomProblems(sbom, readJson(join(ROOT, "package-lock.json")));
  if (problems.length > 0) throw new ScriptError("The bill of materials does not match the lock file:", problems);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
  console.log(`${sbom.components.length} packages in ${file}`);
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
}
