import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { measure } from "./jitter/measure.ts";
import { contestants, type JitterPlan, type Measurement, type Phase } from "./jitter/plan.ts";
import { plot } from "./jitter/plot.ts";
import { jitterRatios, jitterTable } from "./jitter/report.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { needOpenFiles } from "./report/open-files.ts";
import { asked, chosenOption, positiveOption, wholeOption } from "./report/options.ts";
import { duration } from "./report/quantile.ts";
import { intoSection } from "./report/section.ts";

const { values } = asked(() =>
  parseArgs({
    options: {
      connections: { type: "string", default: "10000" },
      rate: { type: "string", default: "20" },
      rooms: { type: "string", default: "10" },
      within: { type: "string", default: "15" },
      away: { type: "string", default: "2" },
      patience: { type: "string", default: "30" },
      only: { type: "string" },
      phases: { type: "string", default: "jitter,wave" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:jitter -- [--connections 10000] [--rate 20] [--rooms 10] [--within 15] [--away 2] [--patience 30]",
      '                        [--phases jitter,wave] [--only multichat,socket.io,"socket.io recovery"]',
      "",
      "So many connections drop for two seconds while messages are posted at a steady rate: first each at a time of its",
      "own within so many seconds (jitter), then all at the same time (wave). Who has everything afterwards, and when?",
      "",
      "--rate      messages a second, over all rooms",
      "--rooms     rooms that share connections and messages; 1: everybody is told everything",
      "--within    seconds within which each connection drops once",
      "--away      seconds without a network",
      "--patience  seconds after the end in which what is missing may still come",
      "",
      "Results go to bench/results/jitter.json, jitter.svg and docs/reliability.md, unless an option was given.",
    ].join("\n"),
  );
  process.exit(0);
}

const plan = asked(
  (): JitterPlan => ({
    connections: wholeOption("connections", values.connections, 1, 100_000),
    rate: positiveOption("rate", values.rate, 40),
    rooms: wholeOption("rooms", values.rooms, 1, 100),
    withinSeconds: positiveOption("within", values.within, 3_600),
    awaySeconds: positiveOption("away", values.away, 3_600),
    patienceSeconds: positiveOption("patience", values.patience, 3_600),
  }),
);
const phases = asked(() => chosenOption<Phase>("phases", values.phases, ["jitter", "wave"]));
const chosen = asked(() => chosenOption("only", values.only, contestants));
const whole = process.argv.length <= 2;

try {
  await needOpenFiles(plan.connections + 500);
  const measurements: Measurement[] = [];
  await interruptible(async (signal) => {
    for (const phase of phases) {
      for (const contestant of chosen) {
        const one = await measure(contestant, plan, phase, signal);
        measurements.push(one);
        const { delivered, expected, catchUpMs } = one;
        console.log(
          `${contestant.padEnd(18)} ${phase.padEnd(6)} ${delivered.toLocaleString("en")} of ${expected.toLocaleString("en")} delivered, ` +
            `catch-up p50 ${duration(catchUpMs.p50)}, p99 ${duration(catchUpMs.p99)}`,
        );
      }
    }
  });
  console.log(`\n${jitterTable(measurements)}\n\n${jitterRatios(measurements)}`);
  if (whole) {
    const results = new URL("../results/", import.meta.url);
    await mkdir(results, { recursive: true });
    const at = new Date().toISOString();
    const cores = availableParallelism();
    const report = { command: "npm run bench:jitter", at, node: process.version, cores, plan, measurements };
    await writeFile(new URL("jitter.json", results), `${JSON.stringify(report, null, 2)}\n`);
    await writeFile(new URL("jitter.svg", results), plot(measurements));
    await intoSection(
      { document: new URL("../../docs/reliability.md", import.meta.url), name: "jitter", command: report.command },
      [
        `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, ${plan.connections.toLocaleString("en")} connections in ${plan.rooms} rooms, server and clients on ${cores} cores:`,
        "",
        jitterTable(measurements),
        "",
        ...jitterRatios(measurements)
          .split("\n")
          .map((line) => `- ${line}`),
        "",
        "![connections that were level again over the time since they were open](../bench/results/jitter.svg)",
      ],
    );
    console.log("\nWritten to bench/results/jitter.json, jitter.svg and docs/reliability.md.");
  }
} catch (error) {
  if (!(error instanceof Interrupted)) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
