import { mkdir, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type Report, writeDocument } from "./layers/document.ts";
import { measure } from "./layers/measure.ts";
import { GROUP_COUNTS, type Measurement, PROCESS_COUNTS, SUBJECTS, type Times } from "./layers/plan.ts";
import { plot } from "./layers/plot.ts";
import { findPython, ParticipantProcess, startRedis } from "./layers/processes.ts";
import { layersSummaries, layersTable } from "./layers/report.ts";
import { replaceMeasured, summarizeRounds } from "./layers/rounds.ts";
import { integerListOption, integerOption, parseOrExit, selectionOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      processes: { type: "string" },
      groups: { type: "string" },
      rounds: { type: "string", default: "3" },
      document: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      'npm run bench:layers -- [--quick] [--only pubsub,queue,socket.io,"py pubsub","py queue"]',
      "                        [--processes 1,3,10] [--groups 1,100,10000] [--rounds 3] [--document]",
      "",
      "Measures processes on one Redis, each with a member in every group; one of them sends. The subjects take turns in several",
      "rounds; a figure is the median, with the lowest and the highest. Complete runs are written to docs/benchmarks/ and",
      "docs/benchmarks.md.",
      "",
      "--rounds    of each setting and subject; from 1 to 100",
      "--document  writes the rows of a partial run into the results of the last complete one",
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
const rounds = parseOrExit(() => integerOption("rounds", values.rounds, 1, 100));
const isCompleteRun =
  !values.quick && values.only === undefined && values.processes === undefined && values.groups === undefined;
const times: Times = { floodMs: values.quick ? 600 : 800, paceMs: values.quick ? 600 : 800, paceRate: 200 };

const redis = await startRedis();
const measurements: Measurement[] = [];
for (const count of processes) {
  const participants = new Map(
    chosen.map((subject) => {
      const prefix = `bench${count}${subject.replaceAll(/[^a-z]/g, "")}`;
      return [
        subject,
        Array.from({ length: count }, () => new ParticipantProcess(subject, redis.url, prefix)),
      ] as const;
    }),
  );
  for (const group of groups) {
    const measured = new Map(chosen.map((subject) => [subject, [] as Measurement[]]));
    // The subjects take turns, so that what else the machine does meets all of them.
    for (let round = 1; round <= rounds; round += 1) {
      for (const [subject, processesOfSubject] of participants) {
        const measurement = await measure(subject, redis, processesOfSubject, group, times);
        measured.get(subject)?.push(measurement);
        console.log(
          `${subject.padEnd(9)} ${String(count).padStart(2)} processes ${String(group).padStart(6)} groups  ` +
            `${measurement.messagesPerSecond.toLocaleString("en").padStart(7)} messages/s, ` +
            `${measurement.cpuMicrosPerDelivery.toFixed(1)} us each, p50 ${measurement.p50Ms.toFixed(2)} ms, p99 ${measurement.p99Ms.toFixed(2)} ms`,
        );
      }
    }
    measurements.push(...[...measured.values()].map(summarizeRounds));
  }
  await Promise.all([...participants.values()].flat().map((participant) => participant.stop()));
}
await redis.stop();
const order = (measurement: Measurement) => SUBJECTS.indexOf(measurement.subject);
const inOrder = (a: Measurement, b: Measurement) =>
  a.processes - b.processes || a.groups - b.groups || order(a) - order(b);
measurements.sort(inOrder);
console.log(`\n${layersTable(measurements)}\n\n${layersSummaries(measurements)}`);
if (isCompleteRun || values.document) {
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const all = replaceMeasured(isCompleteRun ? [] : await readEarlier(), measurements).sort(inOrder);
  const report: Report = {
    command: "npm run bench:layers",
    at: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    channelsRedis: python?.version,
    measurements: all,
  };
  await writeFile(new URL("layers.json", RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(new URL("layers.svg", RESULTS_FOLDER), plot(all));
  await writeDocument(report);
  console.log("\nWritten to docs/benchmarks/layers.json, layers.svg and docs/benchmarks.md.");
}

async function readEarlier(): Promise<readonly Measurement[]> {
  // The results of an earlier run of this benchmark.
  const report = JSON.parse(await readFile(new URL("layers.json", RESULTS_FOLDER), "utf8")) as Report;
  return report.measurements;
}
