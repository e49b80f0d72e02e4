import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine } from "./product/results.ts";
import { type CpuProfile, flameGraph } from "./report/flame-graph.ts";
import { parseOrExit, selectionOption } from "./report/options.ts";
import { QUICK_FOLDER, RESULTS_FOLDER } from "./report/results-folder.ts";
import { FOLDER, PARTS, type Part } from "./suite/parts.ts";
import { runPart } from "./suite/run-part.ts";
import { parseTables, partPage } from "./suite/tables.ts";

const NAMES = PARTS.map(({ name }) => name);
const PROFILED = PARTS.filter(({ profileArgs }) => profileArgs !== undefined).map(({ name }) => name);

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  const minutes = PARTS.reduce((sum, part) => sum + part.minutes, 0);
  console.log(
    [
      "npm run bench -- [--only product,posts] [--quick] [--profile FOLDER]",
      "",
      `Runs the benchmarks one after another, which takes ${minutes} minutes, and writes their results, tables and plots to`,
      "docs/benchmarks/. Run `npm run build` first, and nothing beside it. Compare with `npm run bench:check`.",
      "",
      ...PARTS.map(({ name, about, minutes }) => `  ${name.padEnd(9)} ${about}; ${minutes} min; npm run bench:${name}`),
      "",
      "--only     some of these",
      "--quick    short runs, whose results go to .cache/bench/quick",
      `--profile  leaves CPU profiles of the chat's threads and their flame graphs in a folder, and measures nothing else; of`,
      `           ${PROFILED.join(", ")}`,
    ].join("\n"),
  );
  process.exit(0);
}

const chosen = parseOrExit(() => selectionOption("only", values.only, values.profile === undefined ? NAMES : PROFILED));
const parts = PARTS.filter(({ name }) => chosen.includes(name));
const failed: string[] = [];
const folder = values.profile ?? (values.quick ? QUICK_FOLDER : fileURLToPath(RESULTS_FOLDER));
await mkdir(folder, { recursive: true });
for (const [index, part] of parts.entries()) {
  console.log(`\n[${index + 1}/${parts.length}] ${part.name}: ${part.about}`);
  const isSuccess = values.profile === undefined ? await measurePart(part) : await profilePart(part);
  if (!isSuccess) failed.push(part.name);
}
console.log(`\nThe results are in ${folder}.`);
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(", ")}.`);
  process.exitCode = 1;
}

async function measurePart(part: Part): Promise<boolean> {
  const args = (values.quick ? part.quickArgs : part.args).map((arg) => arg.replace(FOLDER, folder));
  const { code, output } = await runPart(part.name, args);
  if (code !== 0) return false;
  const plots = readdirSync(folder).filter((file) => file === `${part.name}.svg`);
  const page = partPage({
    name: part.name,
    about: part.about,
    command: `npm run bench -- --only ${part.name}${values.quick ? " --quick" : ""}`,
    at: new Date(),
    node: process.version,
    machine: describeMachine(),
    output,
    plot: plots[0],
  });
  await writeFile(join(folder, `${part.name}.md`), page);
  if (!part.writesResults) {
    const results = { at: new Date().toISOString(), node: process.version, tables: parseTables(output), output };
    await writeFile(join(folder, `${part.name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  }
  return true;
}

async function profilePart({ name, profileArgs = [] }: Part): Promise<boolean> {
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  const { code } = await runPart(
    name,
    profileArgs.map((arg) => arg.replace(FOLDER, own)),
  );
  for (const file of readdirSync(own).filter((candidate) => candidate.endsWith(".cpuprofile"))) {
    // Written by Node.
    const profile = JSON.parse(readFileSync(join(own, file), "utf8")) as CpuProfile;
    writeFileSync(join(own, file.replace(/cpuprofile$/, "svg")), flameGraph(`${name}, ${file}`, profile));
  }
  return code === 0;
}
