import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { findLoadProgram } from "./product/load-client.ts";
import { measure } from "./product/measure.ts";
import { Subjects } from "./product/subjects.ts";
import { requireOpenFiles } from "./report/open-files.ts";
import { integerOption, parseOrExit, positiveOption, selectionOption } from "./report/options.ts";
import { CHAT_SIZE, PLANS, SERIES, type Series } from "./scaling/plan.ts";
import { plotScaling, type ScalingSample, scalingRows, scalingSummaries, scalingTable } from "./scaling/report.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      only: { type: "string" },
      rounds: { type: "string", default: "3" },
      "warm-up": { type: "string", default: "1" },
      seconds: { type: "string", default: "3" },
      output: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:scaling -- [--only members,rooms,messages,connections] [--rounds 3] [--seconds 3] [--output FOLDER]",
      "",
      "Measures what the chat costs on one core, as npm start starts it, while one thing grows by three orders of magnitude and",
      "everything else stays the same. Run `npm run build` first. The measurement is that of bench:product.",
      "",
      ...SERIES.map((series) => `  ${series.padEnd(12)} ${PLANS[series].sizes.join(", ")}; ${PLANS[series].fixed}`),
      "",
      "--only     some of these",
      "--rounds   in each, every size is measured with a new server",
      "--warm-up  seconds before each measurement",
      "--seconds  of each measurement",
      "--output   a folder for the results and the plot",
    ].join("\n"),
  );
  process.exit(0);
}

const options = parseOrExit(() => ({
  only: selectionOption("only", values.only, SERIES),
  rounds: integerOption("rounds", values.rounds, 1, 100),
  warmUpMs: positiveOption("warm-up", values["warm-up"], 600) * 1_000,
  measureMs: positiveOption("seconds", values.seconds, 3_600) * 1_000,
}));

const client = findLoadProgram();
await requireOpenFiles(10_500);
const subjects = await Subjects.prepare(["multichat"], CHAT_SIZE);
try {
  const samples: ScalingSample[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const series of options.only) {
      for (const size of PLANS[series].sizes) samples.push(await run(series, size, round));
    }
  }
  const rows = scalingRows(samples);
  console.log(`\n${scalingTable(rows)}\n`);
  for (const line of scalingSummaries(rows)) console.log(`- ${line}`);
  if (values.output !== undefined) {
    await mkdir(values.output, { recursive: true });
    const report = { command: "npm run bench:scaling", at: new Date().toISOString(), node: process.version, samples };
    await writeFile(`${values.output}/scaling.json`, `${JSON.stringify(report, undefined, 2)}\n`);
    await writeFile(`${values.output}/scaling.svg`, plotScaling(rows));
  }
} finally {
  await subjects.remove();
}

async function run(series: Series, size: number, round: number): Promise<ScalingSample> {
  const { warmUpMs, measureMs } = options;
  const load = PLANS[series].load(size);
  const sample = await measure(
    "multichat",
    { ...load, senders: load.members, warmUpMs, measureMs },
    { client, subjects, round },
  );
  const cpu = (sample.serverCpuMicros / sample.load.elapsedMs).toFixed(1);
  console.log(`round ${round}  ${series.padEnd(12)} ${size.toLocaleString("en").padStart(6)}  ${cpu} ms/s of CPU`);
  return { series, size, sample };
}
