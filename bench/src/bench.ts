import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { requireCurrentBuild } from "./multichat/current-build.ts";
import { describeMachine } from "./product/results.ts";
import { type CpuProfile, flameGraph } from "./report/flame-graph.ts";
import { parseOrExit, selectionOption } from "./report/options.ts";
import { QUICK_FOLDER, RESULTS_FOLDER } from "./report/results-folder.ts";
import { formatTable } from "./report/table.ts";
import { FOLDER, PARTS, type Part, timeoutMsOf } from "./suite/parts.ts";
import { type PartRun, runPart } from "./suite/run-part.ts";
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
      `Runs the benchmarks one after another, which takes about ${minutes} minutes, and writes their results, tables and plots to`,
      "docs/benchmarks/. Run `npm run build` first, and nothing beside it. A benchmark that fails, or takes three times as long as",
      "expected, is named at the end and stops none of the others; with --only it is repeated. The first run of reading creates its",
      "database, and that of product builds Centrifugo where Go is installed. Compare with `npm run bench:check`.",
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
const isShort = values.quick || values.profile !== undefined;
const parts = PARTS.filter(({ name }) => chosen.includes(name));
const folder = values.profile ?? (values.quick ? QUICK_FOLDER : fileURLToPath(RESULTS_FOLDER));
await mkdir(folder, { recursive: true });
// Before the first part, rather than by each of those that start the chat.
requireCurrentBuild();

interface Outcome {
  readonly name: string;
  readonly minutes: number;
  readonly result: "done" | "failed" | "took too long";
}

const outcomes: Outcome[] = [];
const startedAt = performance.now();
for (const [index, part] of parts.entries()) {
  const left = parts.slice(index).reduce((sum, { minutes }) => sum + minutes, 0);
  const expected = isShort ? "" : `, about ${part.minutes} min of ${left} min left`;
  console.log(`\n[${index + 1}/${parts.length}] ${clock()} ${part.name}: ${part.about}${expected}`);
  const partStartedAt = performance.now();
  const result = values.profile === undefined ? await measurePart(part) : await profilePart(part);
  outcomes.push({ name: part.name, minutes: minutesSince(partStartedAt), result });
  console.log(`${part.name}: ${result} after ${minutesSince(partStartedAt).toFixed(1)} min`);
}
const table = formatTable(
  ["benchmark", "minutes", "result"],
  outcomes.map(({ name, minutes, result }) => [name, minutes.toFixed(1), result]),
);
console.log(`\n${table}\n\n${minutesSince(startedAt).toFixed(1)} min in all. The results are in ${folder}.`);
const failed = outcomes.filter(({ result }) => result !== "done");
if (failed.length > 0) {
  console.error(`Not measured: ${failed.map(({ name, result }) => `${name} (${result})`).join(", ")}.`);
  process.exitCode = 1;
}

function minutesSince(start: number): number {
  return (performance.now() - start) / 60_000;
}

function clock(): string {
  return new Date().toISOString().slice(11, 16);
}

function resultOf({ code, isTimedOut }: Pick<PartRun, "code" | "isTimedOut">): Outcome["result"] {
  if (isTimedOut) return "took too long";
  return code === 0 ? "done" : "failed";
}

async function measurePart(part: Part): Promise<Outcome["result"]> {
  const args = (values.quick ? part.quickArgs : part.args).map((arg) => arg.replace(FOLDER, folder));
  const { output, ...run } = await runPart(part.name, args, { timeoutMs: timeoutMsOf(part) });
  if (resultOf(run) !== "done") return resultOf(run);
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
  return "done";
}

async function profilePart(part: Part): Promise<Outcome["result"]> {
  const { name, profileArgs = [] } = part;
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  const args = profileArgs.map((arg) => arg.replace(FOLDER, own));
  const run = await runPart(name, args, { timeoutMs: timeoutMsOf(part) });
  for (const file of readdirSync(own).filter((candidate) => candidate.endsWith(".cpuprofile"))) {
    // Written by Node.
    const profile = JSON.parse(readFileSync(join(own, file), "utf8")) as CpuProfile;
    writeFileSync(join(own, file.replace(/cpuprofile$/, "svg")), flameGraph(`${name}, ${file}`, profile));
  }
  return resultOf(run);
}
