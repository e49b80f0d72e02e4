import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { measure } from "./jitter/measure.ts";
import { type JitterPlan, type Measurement, type Phase, SUBJECTS } from "./jitter/plan.ts";
import { plot } from "./jitter/plot.ts";
import { jitterSummaries, jitterTable } from "./jitter/report.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { requireOpenFiles } from "./report/open-files.ts";
import { integerOption, parseOrExit, positiveOption, selectionOption } from "./report/options.ts";
import { formatDuration } from "./report/quantile.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { writeSection } from "./report/section.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      connections: { type: "string", default: "10000" },
      rate: { type: "string", default: "20" },
      rooms: { type: "string", default: "10" },
      window: { type: "string", default: "15" },
      offline: { type: "string", default: "2" },
      timeout: { type: "string", default: "30" },
      only: { type: "string" },
      phases: { type: "string", default: "jitter,wave" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:jitter -- [--connections 10000] [--rate 20] [--rooms 10] [--window 15] [--offline 2] [--timeout 30]",
      '                        [--phases jitter,wave] [--only multichat,socket.io,"socket.io recovery"]',
      "",
      "Connections drop for two seconds while messages are posted at a steady rate: first each at a random time within a",
      "window (jitter), then all at the same time (wave). Measures which of them catch up, and how fast.",
      "",
      "--rate      messages a second, over all rooms",
      "--rooms     rooms that share connections and messages; with 1, every connection receives every message",
      "--window    seconds within which each connection drops once",
      "--offline   seconds without a network",
      "--timeout   seconds that the connections have to catch up at the end",
      "",
      "Without options, results are written to docs/benchmarks/jitter.json, jitter.svg and docs/reliability.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const plan = parseOrExit(
  (): JitterPlan => ({
    connections: integerOption("connections", values.connections, 1, 100_000),
    rate: positiveOption("rate", values.rate, 40),
    rooms: integerOption("rooms", values.rooms, 1, 100),
    windowSeconds: positiveOption("window", values.window, 3_600),
    offlineSeconds: positiveOption("offline", values.offline, 3_600),
    timeoutSeconds: positiveOption("timeout", values.timeout, 3_600),
  }),
);
const phases = parseOrExit(() => selectionOption<Phase>("phases", values.phases, ["jitter", "wave"]));
const chosen = parseOrExit(() => selectionOption("only", values.only, SUBJECTS));
const isDefaultRun = process.argv.length <= 2;

try {
  await requireOpenFiles(plan.connections + 500);
  const measurements: Measurement[] = [];
  await interruptible(async (signal) => {
    for (const phase of phases) {
      for (const subject of chosen) {
        const measurement = await measure(subject, plan, phase, signal);
        measurements.push(measurement);
        const { delivered, expected, catchUpMs } = measurement;
        console.log(
          `${subject.padEnd(18)} ${phase.padEnd(6)} ${delivered.toLocaleString("en")} of ${expected.toLocaleString("en")} delivered, ` +
            `catch-up p50 ${formatDuration(catchUpMs.p50)}, p99 ${formatDuration(catchUpMs.p99)}`,
        );
      }
    }
  });
  console.log(`\n${jitterTable(measurements)}\n\n${jitterSummaries(measurements)}`);
  if (isDefaultRun) {
    await mkdir(RESULTS_FOLDER, { recursive: true });
    const at = new Date().toISOString();
    const cores = availableParallelism();
    const report = { command: "npm run bench:jitter", at, node: process.version, cores, plan, measurements };
    await writeFile(new URL("jitter.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
    await writeFile(new URL("jitter.svg", RESULTS_FOLDER), plot(measurements));
    await writeSection(
      { document: new URL("../../docs/reliability.md", import.meta.url), name: "jitter", command: report.command },
      [
        `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, ${plan.connections.toLocaleString("en")} connections in ${plan.rooms} rooms, server and clients on ${cores} cores:`,
        "",
        jitterTable(measurements),
        "",
        ...jitterSummaries(measurements)
          .split("\n")
          .map((line) => `- ${line}`),
        "",
        "![connections that had caught up, over the time since they reconnected](benchmarks/jitter.svg)",
      ],
    );
    console.log("\nWritten to docs/benchmarks/jitter.json, jitter.svg and docs/reliability.md.");
  }
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
