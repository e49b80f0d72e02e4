import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isExpected } from "./lives/life-result.ts";
import { failureLines, livesSummary, livesTable } from "./lives/report.ts";
import { LIVES_DEFAULTS, type LivesPlan, type LivesResult, runLives } from "./lives/run-lives.ts";
import { interruptible } from "./report/interruption.ts";
import { integerOption, parseOrExit } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { writeSection } from "./report/section.ts";

const PROGRESS_INTERVAL_MS = 10_000;

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      lives: { type: "string", default: String(LIVES_DEFAULTS.lives) },
      "server-lives": { type: "string" },
      parallel: { type: "string", default: String(LIVES_DEFAULTS.parallel) },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      `npm run lives -- [--lives ${LIVES_DEFAULTS.lives}] [--server-lives N] [--parallel ${LIVES_DEFAULTS.parallel}] [--seed N] [--json]`,
      "",
      "Starts processes that work on a database with all their threads, and ends each of them: while it opens, migrates, serves,",
      "makes a backup or closes, by kill -9, SIGTERM, process.exit, worker.terminate, an exception, or an exception of a database",
      "thread. Counts how they end, and checks after each that the database is intact and has every acknowledged message.",
      "",
      "--lives         processes in all",
      "--server-lives  of them, whole servers; the others open the store alone. Without it, one in 22",
      "--parallel      processes at a time",
      "--seed          repeats the plan; the moment of each end depends on the machine too",
      "--json          prints the result as JSON",
      "",
      "Exits with 1 when a process ended otherwise than expected, hung, lost a message or left a damaged database.",
      "A run with all defaults is written to docs/benchmarks/lives.json and docs/reliability.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const seed =
  values.seed === undefined
    ? Math.floor(Math.random() * 2 ** 32)
    : parseOrExit(() => integerOption("seed", values.seed ?? "", 0, 2 ** 32));
const plan = parseOrExit((): LivesPlan => {
  const lives = integerOption("lives", values.lives, 1, 1_000_000);
  const share = Math.floor((lives * LIVES_DEFAULTS.serverLives) / LIVES_DEFAULTS.lives);
  const serverLives =
    values["server-lives"] === undefined ? share : integerOption("server-lives", values["server-lives"], 0, lives);
  return { lives, serverLives, seed, parallel: integerOption("parallel", values.parallel, 1, 64) };
});
const isDefaultRun = (Object.keys(LIVES_DEFAULTS) as (keyof typeof LIVES_DEFAULTS)[]).every(
  (key) => plan[key] === LIVES_DEFAULTS[key],
);

try {
  const result = await interruptible(run);
  if (values.json) console.log(JSON.stringify(result, null, 2));
  else console.log(`\n${livesTable(result)}\n\n${livesSummary(result)}`);
  if (result.failures.length > 0) process.exitCode = 1;
  else if (result.lives < plan.lives) process.exitCode = 130;
  else if (isDefaultRun) await writeReport(result);
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}

async function run(signal: AbortSignal): Promise<LivesResult> {
  let done = 0;
  let failed = 0;
  const report = (): void => {
    if (!values.json) console.log(`${done} of ${plan.lives} lives, ${failed} failed`);
  };
  if (!values.json) console.log(`seed ${seed}`);
  const progress = setInterval(report, PROGRESS_INTERVAL_MS);
  try {
    return await runLives(plan, {
      signal,
      onLife: (life) => {
        done += 1;
        if (isExpected(life)) return;
        failed += 1;
        for (const line of failureLines([life])) console.error(line);
      },
    });
  } finally {
    clearInterval(progress);
  }
}

async function writeReport(result: LivesResult): Promise<void> {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const at = new Date().toISOString();
  const cores = availableParallelism();
  const report = { command: "npm run lives", at, node: process.version, cores, result };
  await writeFile(new URL("lives.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
  await writeSection(
    { document: new URL("../../docs/reliability.md", import.meta.url), name: "lives", command: "npm run lives" },
    [
      `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, SQLite ${process.versions.sqlite}, seed ${seed}, on ${cores} cores:`,
      "",
      livesTable(result),
      "",
      livesSummary(result),
    ],
  );
  console.log("Written to docs/benchmarks/lives.json and docs/reliability.md.");
}
