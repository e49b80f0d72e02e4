import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { crashTestSummary, crashTestTable, failureLines } from "./crash-test/report.ts";
import {
  CRASH_TEST_DEFAULTS,
  type CrashTestPlan,
  type CrashTestResult,
  runCrashTest,
} from "./crash-test/run-crash-test.ts";
import { isExpected } from "./crash-test/run-result.ts";
import { interruptible } from "./report/interruption.ts";
import { integerOption, parseOrExit, seedOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { writeSection } from "./report/section.ts";

const PROGRESS_INTERVAL_MS = 10_000;

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      runs: { type: "string", default: String(CRASH_TEST_DEFAULTS.runs) },
      "server-runs": { type: "string" },
      parallel: { type: "string", default: String(CRASH_TEST_DEFAULTS.parallel) },
      seed: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      `npm run crash-test -- [--runs ${CRASH_TEST_DEFAULTS.runs}] [--server-runs N] [--parallel ${CRASH_TEST_DEFAULTS.parallel}] [--seed N] [--json]`,
      "",
      "Starts processes that work on a database with all their threads, and ends each of them: while it opens, migrates, serves,",
      "makes a backup or closes, by kill -9, SIGTERM, process.exit, worker.terminate, an exception, or an exception of a database",
      "thread. Counts how they end, and checks after each that the database is intact and has every acknowledged message.",
      "",
      "--runs         processes in all",
      "--server-runs   of them, whole servers; the others open the store alone. Without it, one in 22",
      "--parallel      processes at a time",
      "--seed          repeats the plan; the moment of each end depends on the machine too",
      "--json          prints the result as JSON",
      "",
      "Exits with 1 when a process ended otherwise than expected, hung, lost a message or left a damaged database.",
      "A run with all defaults is written to docs/benchmarks/crash-test.json and docs/reliability.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const seed = parseOrExit(() => seedOption(values.seed));
const plan = parseOrExit((): CrashTestPlan => {
  const runs = integerOption("runs", values.runs, 1, 1_000_000);
  const share = Math.floor((runs * CRASH_TEST_DEFAULTS.serverRuns) / CRASH_TEST_DEFAULTS.runs);
  const serverRuns =
    values["server-runs"] === undefined ? share : integerOption("server-runs", values["server-runs"], 0, runs);
  return { runs, serverRuns, seed, parallel: integerOption("parallel", values.parallel, 1, 64) };
});
const isDefaultRun = (Object.keys(CRASH_TEST_DEFAULTS) as (keyof typeof CRASH_TEST_DEFAULTS)[]).every(
  (key) => plan[key] === CRASH_TEST_DEFAULTS[key],
);

try {
  const result = await interruptible(run);
  if (values.json) console.log(JSON.stringify(result, null, 2));
  else console.log(`\n${crashTestTable(result)}\n\n${crashTestSummary(result)}`);
  if (result.failures.length > 0) process.exitCode = 1;
  else if (result.runs < plan.runs) process.exitCode = 130;
  else if (isDefaultRun) await writeReport(result);
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}

async function run(signal: AbortSignal): Promise<CrashTestResult> {
  let done = 0;
  let failed = 0;
  const report = (): void => {
    if (!values.json) console.log(`${done} of ${plan.runs} runs, ${failed} failed`);
  };
  if (!values.json) console.log(`seed ${seed}`);
  const progress = setInterval(report, PROGRESS_INTERVAL_MS);
  try {
    return await runCrashTest(plan, {
      signal,
      onRun: (run) => {
        done += 1;
        if (isExpected(run)) return;
        failed += 1;
        for (const line of failureLines([run])) console.error(line);
      },
    });
  } finally {
    clearInterval(progress);
  }
}

async function writeReport(result: CrashTestResult): Promise<void> {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const at = new Date().toISOString();
  const cores = availableParallelism();
  const report = { command: "npm run crash-test", at, node: process.version, cores, result };
  await writeFile(new URL("crash-test.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
  await writeSection(
    {
      document: new URL("../../docs/reliability.md", import.meta.url),
      name: "crash-test",
      command: "npm run crash-test",
    },
    [
      `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, SQLite ${process.versions.sqlite}, seed ${seed}, on ${cores} cores:`,
      "",
      crashTestTable(result),
      "",
      crashTestSummary(result),
    ],
  );
  console.log("Written to docs/benchmarks/crash-test.json and docs/reliability.md.");
}
