import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type ChaosPlan, chaosDefaults, mostDevices } from "./chaos/plan.ts";
import { chaosEvidence, chaosTable } from "./chaos/report.ts";
import { sound } from "./chaos/result.ts";
import { runChaos } from "./chaos/run.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { needOpenFiles } from "./report/open-files.ts";
import { asked, positiveOption, wholeOption } from "./report/options.ts";
import { intoSection } from "./report/section.ts";

const { values } = asked(() =>
  parseArgs({
    options: {
      clients: { type: "string", default: String(chaosDefaults.clients) },
      rooms: { type: "string", default: String(chaosDefaults.rooms) },
      minutes: { type: "string", default: String(chaosDefaults.minutes) },
      kills: { type: "string", default: String(chaosDefaults.kills) },
      devices: { type: "string", default: String(chaosDefaults.devices) },
      "act-every": { type: "string", default: String(chaosDefaults.actEvery) },
      "fault-every": { type: "string", default: String(chaosDefaults.faultEvery) },
      patience: { type: "string", default: String(chaosDefaults.patience) },
      seed: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run chaos -- [--clients 1000] [--rooms 50] [--minutes 4] [--kills 10] [--seed N] [--devices 5]",
      "                 [--act-every 20] [--fault-every 30] [--patience 180]",
      "",
      "So many clients of the SDK talk, edit, delete and react over a network that delays, stalls and cuts their",
      "connections, also in the middle of a frame, while the server is killed with kill -9 and started again. Then it is",
      "quiet, all come level, and every acknowledgement is compared with the database, and with what each client saw.",
      "",
      "--devices     clients that share a person's account, 1 to 10",
      "--act-every   seconds between two things that one client does, on average",
      "--fault-every seconds between two faults of one connection, on average",
      "--patience    seconds that the clients have to come level once it is quiet",
      "--seed        plans the same cuts, kills and deeds again; what comes before what is the machine's",
      "",
      "Ends with 1 when anything was lost, doubled, out of order or different, and then keeps the evidence.",
      "A run with all defaults goes to bench/results/chaos.json and docs/reliability.md.",
    ].join("\n"),
  );
  process.exit(0);
}

const seed =
  values.seed === undefined
    ? Math.floor(Math.random() * 2 ** 32)
    : asked(() => wholeOption("seed", values.seed ?? "", 0, 2 ** 32));
const rooms = asked(() => wholeOption("rooms", values.rooms, 1, 200));
const plan = asked(
  (): ChaosPlan => ({
    clients: wholeOption("clients", values.clients, 1, 5_000),
    rooms,
    minutes: positiveOption("minutes", values.minutes, 600),
    kills: wholeOption("kills", values.kills, 0, 1_000),
    seed,
    roomsEach: Math.min(rooms, chaosDefaults.roomsEach),
    devices: wholeOption("devices", values.devices, 1, mostDevices),
    actEvery: positiveOption("act-every", values["act-every"], 3_600),
    faultEvery: positiveOption("fault-every", values["fault-every"], 3_600),
    patience: positiveOption("patience", values.patience, 3_600),
  }),
);
const whole = (Object.keys(chaosDefaults) as (keyof typeof chaosDefaults)[]).every(
  (key) => plan[key] === chaosDefaults[key],
);

try {
  // The proxy has two sockets for each client, and the clients live in the same process.
  await needOpenFiles(4 * plan.clients + 500);
  const result = await interruptible((signal) => runChaos(plan, (line) => console.log(line), signal));
  console.log(`\n${chaosTable(result)}\n`);
  if (!sound(result)) {
    console.log(chaosEvidence(result));
    process.exitCode = 1;
  } else if (whole) {
    const results = new URL("../results/", import.meta.url);
    await mkdir(results, { recursive: true });
    const at = new Date().toISOString();
    const report = { command: "npm run chaos", at, node: process.version, cores: availableParallelism(), result };
    await writeFile(new URL("chaos.json", results), `${JSON.stringify(report, null, 2)}\n`);
    await intoSection(
      { document: new URL("../../docs/reliability.md", import.meta.url), name: "chaos", command: "npm run chaos" },
      [
        `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, seed ${seed}, everything on ${report.cores} cores:`,
        "",
        chaosTable(result),
      ],
    );
    console.log("Written to bench/results/chaos.json and docs/reliability.md.");
  }
} catch (error) {
  if (!(error instanceof Interrupted)) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    console.error(`The same plan again: npm run chaos -- --seed ${seed}`);
  }
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
// Node 24 has been seen to wait for ever, at its own end, for sockets that were reset while something was being written to them.
process.exit();
