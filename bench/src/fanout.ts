import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Report, writeDocument } from "./fanout/document.ts";
import { type Measurement, type Step, SUBJECTS, type Subject } from "./fanout/plan.ts";
import { plot } from "./fanout/plot.ts";
import { isPinned, measure } from "./fanout/processes.ts";
import { fanoutSummaries, fanoutTable } from "./fanout/report.ts";
import { integerListOption, integerOption, parseOrExit, selectionOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      rates: { type: "string" },
      members: { type: "string", default: "500" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:fanout -- [--quick] [--only ws,socket.io,channels] [--rates 20,100,400,2000,8000] [--members 500]",
      "",
      "Measures the fan-out of messages at several rates to the members of one room, with server and clients on a core each.",
      "Complete runs are written to docs/benchmarks/ and docs/benchmarks.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const defaultRates = values.quick ? "20,8000" : "20,100,400,2000,8000";
const rates = parseOrExit(() => integerListOption("rates", values.rates ?? defaultRates, 1, 100_000));
const chosen = parseOrExit(() => selectionOption("only", values.only, SUBJECTS));
const members = parseOrExit(() => integerOption("members", values.members, 1, 10_000));
const isCompleteRun = values.only === undefined && values.rates === undefined && !values.quick;

if (!isPinned) console.log("Without taskset or a second core, server and clients share the cores.\n");
const measurements: Measurement[] = [];
for (const rate of rates) {
  for (const subject of chosen) measurements.push(await run(subject, rate));
}
console.log(`\n${fanoutTable(measurements)}\n\n${fanoutSummaries(measurements)}`);
if (isCompleteRun) {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const report: Report = {
    command: "npm run bench:fanout",
    at: new Date().toISOString(),
    node: process.version,
    members,
    pinned: isPinned,
    measurements,
  };
  await writeFile(new URL("fanout.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(new URL("fanout.svg", RESULTS_FOLDER), plot(measurements));
  await writeDocument(report);
  console.log("\nWritten to docs/benchmarks/fanout.json, fanout.svg and docs/benchmarks.md.");
}

async function run(subject: Subject, rate: number): Promise<Measurement> {
  const step: Step = { members, rate, warmUpMs: values.quick ? 1_000 : 1_500, measureMs: values.quick ? 2_000 : 4_000 };
  const measurement = await measure(subject, step);
  const { deliveriesPerSecond, cpuMicrosPerDelivery, p99Ms } = measurement;
  console.log(
    `${subject.padEnd(10)} ${String(rate).padStart(5)}/s  ${deliveriesPerSecond.toLocaleString("en")} deliveries/s, ` +
      `${cpuMicrosPerDelivery.toFixed(2)} us each, p99 ${p99Ms.toFixed(1)} ms`,
  );
  return measurement;
}
