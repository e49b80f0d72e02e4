import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Report, writeDocument } from "./layers/document.ts";
import { measure } from "./layers/measure.ts";
import { GROUP_COUNTS, type Measurement, PROCESS_COUNTS, SUBJECTS, type Times } from "./layers/plan.ts";
import { plot } from "./layers/plot.ts";
import { findPython, ParticipantProcess, startRedis } from "./layers/processes.ts";
import { layersSummaries, layersTable } from "./layers/report.ts";
import { integerListOption, parseOrExit, selectionOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      processes: { type: "string" },
      groups: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      'npm run bench:layers -- [--quick] [--only pubsub,queue,socket.io,"py pubsub","py queue"]',
      "                        [--processes 1,3,10] [--groups 1,100,10000]",
      "",
      "Measures processes on one Redis, each with a member in every group; one of them sends.",
      "Complete runs are written to docs/benchmarks/ and docs/benchmarks.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const python = findPython();
const chosen = parseOrExit(() => selectionOption("only", values.only, SUBJECTS)).filter(
  (name) => python !== undefined || !name.startsWith("py "),
);
if (python === undefined) console.log("Without a Python that has channels_redis, its layers are skipped.\n");
const processes = parseOrExit(() =>
  integerListOption("processes", values.processes ?? (values.quick ? "3" : PROCESS_COUNTS.join(",")), 1, 100),
);
const groups = parseOrExit(() =>
  integerListOption("groups", values.groups ?? (values.quick ? "1,100" : GROUP_COUNTS.join(",")), 1, 100_000),
);
const isCompleteRun =
  !values.quick && values.only === undefined && values.processes === undefined && values.groups === undefined;
const times: Times = { floodMs: values.quick ? 600 : 800, paceMs: values.quick ? 600 : 800, paceRate: 200 };

const redis = await startRedis();
const measurements: Measurement[] = [];
for (const count of processes) {
  for (const subject of chosen) {
    const prefix = `bench${count}${subject.replaceAll(/[^a-z]/g, "")}`;
    const participants = Array.from({ length: count }, () => new ParticipantProcess(subject, redis.url, prefix));
    for (const group of groups) {
      const measurement = await measure(subject, redis, participants, group, times);
      measurements.push(measurement);
      console.log(
        `${subject.padEnd(9)} ${String(count).padStart(2)} processes ${String(group).padStart(6)} groups  ` +
          `${measurement.messagesPerSecond.toLocaleString("en").padStart(7)} messages/s, ` +
          `${measurement.cpuMicrosPerDelivery.toFixed(1)} us each, p50 ${measurement.p50Ms.toFixed(2)} ms, p99 ${measurement.p99Ms.toFixed(2)} ms`,
      );
    }
    await Promise.all(participants.map((participant) => participant.stop()));
  }
}
await redis.stop();
measurements.sort((a, b) => a.processes - b.processes || a.groups - b.groups);
console.log(`\n${layersTable(measurements)}\n\n${layersSummaries(measurements)}`);
if (isCompleteRun) {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const report: Report = {
    command: "npm run bench:layers",
    at: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    channelsRedis: python?.version,
    measurements,
  };
  await writeFile(new URL("layers.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(new URL("layers.svg", RESULTS_FOLDER), plot(measurements));
  await writeDocument(report);
  console.log("\nWritten to docs/benchmarks/layers.json, layers.svg and docs/benchmarks.md.");
}
