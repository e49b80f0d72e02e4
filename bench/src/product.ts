import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findLoadProgram, NODE_PROGRAM } from "./product/load-client.ts";
import { measure } from "./product/measure.ts";
import { type Sample, type Step, SUBJECTS, type Subject, sendersAt } from "./product/plan.ts";
import { plotRates } from "./product/plots.ts";
import { productSummaries, productTable, rowsOf } from "./product/report.ts";
import { addResults, describeMachine, type ProductResults, readResults } from "./product/results.ts";
import { Subjects } from "./product/subjects.ts";
import { hasTwoCores } from "./report/cores.ts";
import { measureDiskSync } from "./report/disk-sync.ts";
import { requireOpenFiles } from "./report/open-files.ts";
import { integerListOption, integerOption, parseOrExit, positiveOption, selectionOption } from "./report/options.ts";
import { spreadOf } from "./report/spread.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      rates: { type: "string", default: "20,100,400,800,1000,2000,8000" },
      only: { type: "string" },
      members: { type: "string", default: "500" },
      senders: { type: "string" },
      rounds: { type: "string", default: "3" },
      "warm-up": { type: "string", default: "3" },
      seconds: { type: "string", default: "4" },
      client: { type: "string" },
      profile: { type: "string" },
      json: { type: "string" },
      output: { type: "string" },
      add: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:product -- [--rates 20,100,400,800,1000,2000,8000] [--only multichat,ws] [--members 500] [--rounds 3] …",
      "",
      "Measures the fan-out of messages to the members of one room through the chat as npm start starts it (run `npm run build`",
      "first): accounts, rights, a synced commit before each delivery. In the same run and by the same client: the framework",
      "without the chat, Socket.IO, ws, Centrifugo (built from its Go module), uvicorn with channels_redis, and a broadcaster in C",
      "as the limit. Server and client have a core each (taskset). Needs Linux; the client is in C where there is a compiler.",
      "",
      "--rates    messages a second; from 1 to 100000",
      `--only     some of ${SUBJECTS.join(", ")}`,
      "--members  of the room, each with an account; from 1 to 5000",
      "--senders  members that send in turn (default: 20, above 1,000 messages/s 200)",
      "--rounds   in each, every subject is measured at every rate with a new server; the table shows medians and spreads",
      "--warm-up  seconds before each measurement",
      "--seconds  of each measurement",
      "--client   of the load: c, or node, which costs more (default: c where there is a compiler)",
      "--profile  a folder for CPU profiles of the chat's threads",
      "--json     a file for the results",
      "--output   a folder for the results (product.json) and the plot (product.svg)",
      "--add      adds the rounds to those that the file or the folder has",
    ].join("\n"),
  );
  process.exit(0);
}

const options = parseOrExit(() => ({
  rates: integerListOption("rates", values.rates, 1, 100_000),
  only: selectionOption("only", values.only, SUBJECTS),
  members: integerOption("members", values.members, 1, 5_000),
  senders: values.senders === undefined ? undefined : integerOption("senders", values.senders, 1, 5_000),
  rounds: integerOption("rounds", values.rounds, 1, 100),
  warmUpMs: positiveOption("warm-up", values["warm-up"], 600) * 1_000,
  measureMs: positiveOption("seconds", values.seconds, 3_600) * 1_000,
  client: selectionOption("client", values.client, ["c", "node"]).includes("c") ? findLoadProgram() : NODE_PROGRAM,
}));
const profileDir = values.profile === undefined ? undefined : resolve(values.profile);

if (profileDir !== undefined) await mkdir(profileDir, { recursive: true });
if (!hasTwoCores) console.log("Without taskset or a second core, server and client share the cores.\n");
await requireOpenFiles(options.members + 500);
const subjects = await Subjects.prepare(options.only, { accounts: options.members, rooms: 1 });
try {
  const samples: Sample[] = [];
  const syncMs: number[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    syncMs.push(await measureDiskSync());
    for (const rate of options.rates) {
      for (const subject of subjects.available) samples.push(await run(subject, rate, round));
    }
  }
  const results: ProductResults = {
    command: "npm run bench:product",
    at: new Date().toISOString(),
    node: process.version,
    machine: describeMachine(),
    client: options.client.name,
    pinned: hasTwoCores,
    notes: subjects.notes,
    syncMs,
    samples,
  };
  const file = values.output === undefined ? values.json : join(values.output, "product.json");
  const all = addResults(values.add && file !== undefined ? await readResults(file) : undefined, results);
  const rows = rowsOf(all.samples);
  console.log(`\n${productTable(rows)}\n`);
  for (const line of [...productSummaries(rows, spreadOf(all.syncMs)), ...all.notes]) console.log(`- ${line}`);
  if (file !== undefined) {
    await mkdir(dirname(resolve(file)), { recursive: true });
    await writeFile(file, `${JSON.stringify(all, undefined, 2)}\n`);
  }
  if (values.output !== undefined) await writeFile(join(values.output, "product.svg"), plotRates(rows));
} finally {
  await subjects.remove();
}

async function run(subject: Subject, rate: number, round: number): Promise<Sample> {
  const { members, warmUpMs, measureMs } = options;
  const senders = Math.min(members, options.senders ?? sendersAt(rate, members));
  const step: Step = { members, rooms: 1, senders, rate, warmUpMs, measureMs };
  const sample = await measure(subject, step, { client: options.client, subjects, round, profileDir });
  const [row] = rowsOf([sample]);
  if (row !== undefined) {
    console.log(
      `round ${round}  ${subject.padEnd(10)} ${String(rate).padStart(5)}/s  ` +
        `${Math.round(row.deliveriesPerSecond.median).toLocaleString("en")} deliveries/s, ` +
        `${row.cpuMicrosPerDelivery.median.toFixed(2)} us each, p99 ${row.p99Ms.median.toFixed(1)} ms, limited by ${row.limit}` +
        (row.closed === 0 ? "" : `, ${row.closed} disconnected (${sample.load.closeCode})`),
    );
  }
  return sample;
}
