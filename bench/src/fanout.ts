import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { intoDocument, type Report } from "./fanout/document.ts";
import { type Contestant, contestants, type Measurement, type Step } from "./fanout/plan.ts";
import { plot } from "./fanout/plot.ts";
import { measure, pinned } from "./fanout/processes.ts";
import { ratios, table } from "./fanout/report.ts";
import { asked, chosenOption, wholeOption, wholeOptions } from "./report/options.ts";

const { values } = asked(() =>
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
      "So many members in one room, so many messages a second into it. Server and clients on a core each.",
      "Results go to bench/results/, unless a part was chosen.",
    ].join("\n"),
  );
  process.exit(0);
}

const standard = values.quick ? "20,8000" : "20,100,400,2000,8000";
const rates = asked(() => wholeOptions("rates", values.rates ?? standard, 1, 100_000));
const chosen = asked(() => chosenOption("only", values.only, contestants));
const members = asked(() => wholeOption("members", values.members, 1, 10_000));
const whole = values.only === undefined && values.rates === undefined && !values.quick;

if (!pinned) console.log("Without taskset or a second core: server and clients share what there is.\n");
const measurements: Measurement[] = [];
for (const rate of rates) {
  for (const contestant of chosen) measurements.push(await run(contestant, rate));
}
console.log(`\n${table(measurements)}\n\n${ratios(measurements)}`);
if (whole) {
  const folder = new URL("../results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  const report: Report = {
    command: "npm run bench:fanout",
    at: new Date().toISOString(),
    node: process.version,
    members,
    pinned,
    measurements,
  };
  await writeFile(new URL("fanout.json", folder), `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(new URL("fanout.svg", folder), plot(measurements));
  await intoDocument(report);
  console.log("\nWritten to bench/results/fanout.json, fanout.svg and docs/benchmarks.md.");
}

async function run(contestant: Contestant, rate: number): Promise<Measurement> {
  const step: Step = { members, rate, warmUpMs: values.quick ? 1_000 : 1_500, measureMs: values.quick ? 2_000 : 4_000 };
  const measurement = await measure(contestant, step);
  const { deliveriesPerSecond, cpuMicrosPerDelivery, p99Ms } = measurement;
  console.log(
    `${contestant.padEnd(10)} ${String(rate).padStart(5)}/s  ${deliveriesPerSecond.toLocaleString("en")} deliveries/s, ` +
      `${cpuMicrosPerDelivery.toFixed(2)} us each, p99 ${p99Ms.toFixed(1)} ms`,
  );
  return measurement;
}
