import { parseArgs } from "node:util";
import { measurePrecautionCost, type PrecautionCost } from "./crash-test/damage/precaution-cost.ts";
import {
  DAMAGE_TEST_DEFAULTS,
  type DamageFailure,
  type DamageTestResult,
  runDamageTest,
} from "./crash-test/damage/run-damage-test.ts";
import { THREAD_ENDED } from "./crash-test/damage/use-database.ts";
import { interruptible } from "./report/interruption.ts";
import { integerOption, parseOrExit } from "./report/options.ts";
import { writeSection } from "./report/section.ts";
import { formatTable } from "./report/table.ts";

const DOCUMENT = new URL("../../docs/reliability.md", import.meta.url);
const PROGRESS_INTERVAL_MS = 10_000;

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      cases: { type: "string", default: String(DAMAGE_TEST_DEFAULTS.cases) },
      first: { type: "string", default: "0" },
      parallel: { type: "string", default: String(DAMAGE_TEST_DEFAULTS.parallel) },
      "threads-every": { type: "string", default: String(DAMAGE_TEST_DEFAULTS.threadsEvery) },
      seed: { type: "string", default: "1" },
      minutes: { type: "string" },
      cost: { type: "string" },
      document: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      `npm run damage-test -- [--cases ${DAMAGE_TEST_DEFAULTS.cases}] [--seed 1] [--first 0] [--parallel ${DAMAGE_TEST_DEFAULTS.parallel}] [--threads-every ${DAMAGE_TEST_DEFAULTS.threadsEvery}] [--minutes N] [--document]`,
      "npm run damage-test -- --cost 200 [--document]",
      "",
      "Damages copies of a database, in every kind of page and in what the full-text index keeps in them, and does with each what",
      "a server does with its database. Operations may fail; a process that dies of a signal, hangs, or has an unhandled error is",
      "a failure.",
      "",
      "--cases          damaged databases",
      "--seed           repeats a run",
      "--first          the number of the first case: `--first N --cases 1` repeats one",
      "--minutes        ends the run after so long, with as many cases as it has done",
      "--parallel       processes at a time",
      "--threads-every  one case in so many has the threads of a server; the others run the same code in one thread",
      "--cost           instead, the processor time of posts and reads with and without the precautions against damaged files: the",
      "                 least of so many rounds of each",
      "--document       writes the table into docs/reliability.md",
    ].join("\n"),
  );
  process.exit(0);
}

const timeLimit = parseOrExit(() =>
  values.minutes === undefined
    ? undefined
    : AbortSignal.timeout(60_000 * integerOption("minutes", values.minutes, 1, 1_440)),
);
const plan = parseOrExit(() => ({
  cases: integerOption("cases", values.cases, 1, 10_000_000),
  first: integerOption("first", values.first, 0, 10_000_000),
  parallel: integerOption("parallel", values.parallel, 1, 64),
  threadsEvery: integerOption("threads-every", values["threads-every"], 1, 1_000_000),
  seed: integerOption("seed", values.seed, 0, 2 ** 32),
}));

if (values.cost !== undefined) {
  const rounds = parseOrExit(() => integerOption("cost", values.cost ?? "", 1, 1_000));
  const table = costTable(await measurePrecautionCost(rounds));
  console.log(table);
  if (values.document) {
    await writeSection(
      { document: DOCUMENT, name: "precautions", command: "npm run damage-test -- --cost 200 --document" },
      [table],
    );
  }
  process.exit(0);
}

const result = await interruptible(run);
console.log(`\n${tableOf(result)}\n\n${summaryOf(result)}`);
for (const failure of result.failures) console.error(describe(failure));
if (result.failures.length > 0) process.exitCode = 1;
else if (result.done < plan.cases && timeLimit?.aborted !== true) process.exitCode = 130;
else if (values.document) {
  const date = new Date().toISOString().slice(0, 10);
  await writeSection(
    {
      document: DOCUMENT,
      name: "damage-test",
      command: "npm run damage-test -- --document",
    },
    [
      `Measured on ${date}, Node ${process.versions.node}, SQLite ${process.versions.sqlite}, \`npm run damage-test -- --cases ${result.done} --seed ${plan.seed}\`:`,
      "",
      tableOf(result),
      "",
      summaryOf(result),
    ],
  );
}

async function run(signal: AbortSignal): Promise<DamageTestResult> {
  let progress = "creating the database to be damaged";
  const timer = setInterval(() => console.log(progress), PROGRESS_INTERVAL_MS);
  try {
    return await runDamageTest(plan, {
      signal: timeLimit === undefined ? signal : AbortSignal.any([signal, timeLimit]),
      onProgress: (done, failed) => {
        progress = `${done} of ${plan.cases} cases, ${failed} failed`;
      },
    });
  } finally {
    clearInterval(timer);
  }
}

function tableOf({ kinds, failures }: DamageTestResult): string {
  const rows = Object.entries(kinds).map(([kind, { cases, noticed }]) => {
    const failed = failures.filter(({ damaged }) => damaged?.kind === kind);
    const withoutOutcome = failed.filter(({ exit }) => exit !== THREAD_ENDED).length;
    return [kind, String(cases + withoutOutcome), String(noticed), String(failed.length)];
  });
  return formatTable(["damage", "databases", "noticed", "processes died"], rows);
}

function costTable(costs: readonly PrecautionCost[]): string {
  const rows = costs.map(({ kind, withoutMs, withMs }) => {
    const percent = (100 * (withMs / withoutMs - 1)).toFixed(1);
    return [kind, withoutMs.toFixed(2), withMs.toFixed(2), `${percent} %`];
  });
  return formatTable(["work", "ms of processor without", "ms with", "cost"], rows);
}

function summaryOf({ done, outcomes, failures }: DamageTestResult): string {
  const ended = Object.entries(outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${outcome} ${count.toLocaleString("en")}`);
  return `${done.toLocaleString("en")} damaged databases, ${failures.length} processes died. Operations: ${ended.join(", ")}.`;
}

function describe({ damaged, threads, exit, errorOutput }: DamageFailure): string {
  const what =
    damaged === undefined
      ? "before its first case"
      : `case ${damaged.index} (${damaged.kind}, ${damaged.where}, ${threads})`;
  return `${exit}: ${what}\n${errorOutput}`;
}
