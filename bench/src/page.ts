import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { PagePlan } from "./page/plan.ts";
import { loadTable, streamTable } from "./page/report.ts";
import { runPage } from "./page/run.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { asked, positiveOption, wholeOption } from "./report/options.ts";
import { intoSection } from "./report/section.ts";

const { values } = asked(() =>
  parseArgs({
    options: {
      loads: { type: "string", default: "10" },
      history: { type: "string", default: "500" },
      rate: { type: "string", default: "100" },
      seconds: { type: "string", default: "60" },
      slowdown: { type: "string", default: "1,4" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:page -- [--loads 10] [--history 500] [--rate 100] [--seconds 60] [--slowdown 1,4]",
      "",
      "A room's page in Chromium, as it was built last: how long until it answers, the first time and again, and what it does",
      "while so many messages a second come in.",
      "",
      "--loads     loads of each kind",
      "--history   messages in the room before the first load",
      "--rate      messages a second while the page is looked at",
      "--seconds   how long that goes on",
      "--slowdown  by what the browser's CPU is slowed down, one after the other",
      "",
      "Chromium is taken from MULTICHAT_TEST_CHROMIUM, or /usr/bin/chromium.",
      "Results go to bench/results/page.json and docs/benchmarks.md, unless an option was given.",
    ].join("\n"),
  );
  process.exit(0);
}

const plan = asked(
  (): PagePlan => ({
    loads: wholeOption("loads", values.loads, 1, 1_000),
    history: wholeOption("history", values.history, 1, 100_000),
    rate: positiveOption("rate", values.rate, 1_000),
    streamSeconds: positiveOption("seconds", values.seconds, 7_200),
    slowdowns: values.slowdown.split(",").map((one) => positiveOption("slowdown", one, 100)),
  }),
);
const whole = process.argv.length <= 2;

try {
  const result = await interruptible((signal) => runPage(plan, (line) => console.log(line), signal));
  console.log(`\n${loadTable(result)}\n\n${streamTable(result)}`);
  if (whole) {
    const results = new URL("../results/", import.meta.url);
    await mkdir(results, { recursive: true });
    const at = new Date().toISOString();
    const cores = availableParallelism();
    const report = { command: "npm run bench:page", at, browser: result.browser, cores, plan, result };
    await writeFile(new URL("page.json", results), `${JSON.stringify(report, null, 2)}\n`);
    await intoSection(
      { document: new URL("../../docs/benchmarks.md", import.meta.url), name: "page", command: report.command },
      [
        `Measured on ${at.slice(0, 10)}, ${result.browser}, browser, server and speakers on ${cores} cores:`,
        "",
        loadTable(result),
        "",
        streamTable(result),
      ],
    );
    console.log("\nWritten to bench/results/page.json and docs/benchmarks.md.");
  }
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
