import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { intoDocument, type Report } from "./layers/document.ts";
import { measure } from "./layers/measure.ts";
import { findPython, ownRedis, Party } from "./layers/parties.ts";
import { contestants, groupCounts, type Measurement, processCounts, type Times } from "./layers/plan.ts";
import { plot } from "./layers/plot.ts";
import { ratios, table } from "./layers/report.ts";
import { asked, chosenOption, wholeOptions } from "./report/options.ts";

const { values } = asked(() =>
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
      "So many processes on one Redis, each with a member in every group; one of them sends.",
      "Results go to bench/results/, unless a part was chosen.",
    ].join("\n"),
  );
  process.exit(0);
}

const python = findPython();
const chosen = asked(() => chosenOption("only", values.only, contestants)).filter(
  (name) => python !== undefined || !name.startsWith("py "),
);
if (python === undefined) console.log("No Python with channels_redis: its layers are left out.\n");
const processes = asked(() =>
  wholeOptions("processes", values.processes ?? (values.quick ? "3" : processCounts.join(",")), 1, 100),
);
const groups = asked(() =>
  wholeOptions("groups", values.groups ?? (values.quick ? "1,100" : groupCounts.join(",")), 1, 100_000),
);
const whole =
  !values.quick && values.only === undefined && values.processes === undefined && values.groups === undefined;
const times: Times = { floodMs: values.quick ? 600 : 800, paceMs: values.quick ? 600 : 800, paceRate: 200 };

const redis = await ownRedis();
const measurements: Measurement[] = [];
for (const count of processes) {
  for (const contestant of chosen) {
    const prefix = `bench${count}${contestant.replaceAll(/[^a-z]/g, "")}`;
    const parties = Array.from({ length: count }, () => new Party(contestant, redis.url, prefix));
    for (const group of groups) {
      const one = await measure(contestant, redis, parties, group, times);
      measurements.push(one);
      console.log(
        `${contestant.padEnd(9)} ${String(count).padStart(2)} processes ${String(group).padStart(6)} groups  ` +
          `${one.messagesPerSecond.toLocaleString("en").padStart(7)} messages/s, ` +
          `${one.cpuMicrosPerDelivery.toFixed(1)} us each, p50 ${one.p50Ms.toFixed(2)} ms, p99 ${one.p99Ms.toFixed(2)} ms`,
      );
    }
    await Promise.all(parties.map((party) => party.stop()));
  }
}
await redis.stop();
measurements.sort((one, other) => one.processes - other.processes || one.groups - other.groups);
console.log(`\n${table(measurements)}\n\n${ratios(measurements)}`);
if (whole) {
  const folder = new URL("../results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  const report: Report = {
    command: "npm run bench:layers",
    at: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    channelsRedis: python?.version,
    measurements,
  };
  await writeFile(new URL("layers.json", folder), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(new URL("layers.svg", folder), plot(measurements));
  await intoDocument(report);
  console.log("\nWritten to bench/results/layers.json, layers.svg and docs/benchmarks.md.");
}
