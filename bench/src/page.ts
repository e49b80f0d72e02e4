import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { PagePlan } from "./page/plan.ts";
import { loadTable, streamTable } from "./page/report.ts";
import { runPage } from "./page/run.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { integerOption, parseOrExit, positiveOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { writeSection } from "./report/section.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      loads: { type: "string", default: "10" },
      history: { type: "string", default: "500" },
      rate: { type: "string", default: "100" },
      seconds: { type: "string", default: "60" },
      slowdown: { type: "string", default: "1,4" },
      profile: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:page -- [--loads 10] [--history 500] [--rate 100] [--seconds 60] [--slowdown 1,4] [--profile]",
      "",
      "Loads a room's page of the last build in Chromium: measures how long until it is interactive, the first time and again,",
      "and how it performs while messages arrive.",
      "",
      "--loads     loads of each kind",
      "--history   messages in the room before the first load",
      "--rate      messages a second while the page is open",
      "--seconds   how long messages arrive",
      "--slowdown  factors by which the browser's CPU is slowed down, one after the other",
      "--profile   writes a CPU profile of the page while messages arrive to .cache/profiles; it makes the page slower",
      "",
      "Chromium is taken from MULTICHAT_TEST_CHROMIUM, or where Debian installs it.",
      "Without options, results are written to docs/benchmarks/page.json and docs/benchmarks.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const PROFILES = fileURLToPath(new URL("../../.cache/profiles/", import.meta.url));

const plan = parseOrExit(
  (): PagePlan => ({
    loads: integerOption("loads", values.loads, 1, 1_000),
    history: integerOption("history", values.history, 1, 100_000),
    rate: positiveOption("rate", values.rate, 1_000),
    streamSeconds: positiveOption("seconds", values.seconds, 7_200),
    profiles: values.profile ? PROFILES : undefined,
    slowdowns: values.slowdown.split(",").map((factor) => positiveOption("slowdown", factor, 100)),
  }),
);
const isDefaultRun = process.argv.length <= 2;

try {
  for (const folder of [RESULTS_FOLDER, PROFILES]) await mkdir(folder, { recursive: true });
  const result = await interruptible((signal) => runPage(plan, (line) => console.log(line), signal));
  console.log(`\n${loadTable(result)}\n\n${streamTable(result)}`);
  if (isDefaultRun) {
    const at = new Date().toISOString();
    const cores = availableParallelism();
    const report = { command: "npm run bench:page", at, browser: result.browser, cores, plan, result };
    await writeFile(new URL("page.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
    await writeSection(
      { document: new URL("../../docs/benchmarks.md", import.meta.url), name: "page", command: report.command },
      [
        `Measured on ${at.slice(0, 10)}, ${result.browser}, browser, server and senders on ${cores} cores:`,
        "",
        loadTable(result),
        "",
        streamTable(result),
      ],
    );
    console.log("\nWritten to docs/benchmarks/page.json and docs/benchmarks.md.");
  }
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
