import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { ClusterPrograms } from "./chaos/cluster/cluster.ts";
import { CHAOS_DEFAULTS, type ChaosPlan, MAX_DEVICES } from "./chaos/plan.ts";
import { chaosEvidence, chaosTable } from "./chaos/report.ts";
import { type ChaosResult, isSound } from "./chaos/result.ts";
import { runChaos } from "./chaos/run.ts";
import { Interrupted, interruptible } from "./report/interruption.ts";
import { requireOpenFiles } from "./report/open-files.ts";
import { integerOption, parseOrExit, positiveOption, seedOption } from "./report/options.ts";
import { RESULTS_FOLDER } from "./report/results-folder.ts";
import { writeSection } from "./report/section.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      clients: { type: "string", default: String(CHAOS_DEFAULTS.clients) },
      rooms: { type: "string", default: String(CHAOS_DEFAULTS.rooms) },
      minutes: { type: "string", default: String(CHAOS_DEFAULTS.minutes) },
      kills: { type: "string", default: String(CHAOS_DEFAULTS.kills) },
      servers: { type: "string", default: String(CHAOS_DEFAULTS.servers) },
      devices: { type: "string", default: String(CHAOS_DEFAULTS.devicesPerUser) },
      "act-every": { type: "string", default: String(CHAOS_DEFAULTS.actIntervalSeconds) },
      "fault-every": { type: "string", default: String(CHAOS_DEFAULTS.faultIntervalSeconds) },
      timeout: { type: "string", default: String(CHAOS_DEFAULTS.timeoutSeconds) },
      seed: { type: "string" },
      document: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run chaos -- [--clients 1000] [--rooms 50] [--minutes 4] [--kills 10] [--servers 1] [--seed N]",
      "                 [--devices 5] [--act-every 20] [--fault-every 30] [--timeout 180] [--document]",
      "npm run chaos:cluster -- the same, with [--servers 3]",
      "",
      "Clients of the SDK send, edit, delete and react over a network that delays, stalls and cuts their connections,",
      "also in the middle of a frame, while the server is killed with kill -9 and restarted. Then traffic and faults stop,",
      "all clients catch up, and every acknowledgement is compared with the database and with what each client received.",
      "",
      "--kills       faults of servers: times that the server is killed, or outages of a cluster",
      "--servers     more than one: a cluster on PostgreSQL and Redis, whose servers are killed and frozen, whose services are",
      "              killed, and whose servers are cut off from their services, also in one direction only. Several of these",
      "              may last at the same time, each for up to 15 s. A client may connect to any of the servers",
      "--devices     clients that share a user's account, 1 to 10",
      "--act-every   seconds between two actions of one client, on average",
      "--fault-every seconds between two faults of one connection, on average",
      "--timeout     seconds that the clients have to catch up at the end",
      "--seed        repeats the plan of cuts, kills and actions; their exact order depends on the machine",
      "",
      "Exits with 1 when anything was lost, duplicated, out of order or different, and then keeps the evidence.",
      "A run with all defaults is written to docs/benchmarks/chaos.json and docs/reliability.md; with --document any other,",
      "too, and that of a cluster to chaos-cluster.json.",
    ].join("\n"),
  );
  process.exit(0);
}

const seed = parseOrExit(() => seedOption(values.seed));
const rooms = parseOrExit(() => integerOption("rooms", values.rooms, 1, 200));
const plan = parseOrExit(
  (): ChaosPlan => ({
    clients: integerOption("clients", values.clients, 1, 5_000),
    rooms,
    minutes: positiveOption("minutes", values.minutes, 600),
    kills: integerOption("kills", values.kills, 0, 1_000),
    servers: integerOption("servers", values.servers, 1, 10),
    seed,
    roomsPerClient: Math.min(rooms, CHAOS_DEFAULTS.roomsPerClient),
    devicesPerUser: integerOption("devices", values.devices, 1, MAX_DEVICES),
    actIntervalSeconds: positiveOption("act-every", values["act-every"], 3_600),
    faultIntervalSeconds: positiveOption("fault-every", values["fault-every"], 3_600),
    timeoutSeconds: positiveOption("timeout", values.timeout, 3_600),
  }),
);
const isDefaultRun = (Object.keys(CHAOS_DEFAULTS) as (keyof typeof CHAOS_DEFAULTS)[]).every(
  (key) => plan[key] === CHAOS_DEFAULTS[key],
);

const programs = parseOrExit(() => (plan.servers === 1 ? undefined : findClusterPrograms()));

try {
  // The proxy has two sockets per client, and the clients run in the same process.
  await requireOpenFiles(4 * plan.clients + 500);
  const log = (line: string) => console.log(line);
  const result = await interruptible((signal) => runChaos({ plan, programs, log, signal }));
  console.log(`\n${chaosTable(result)}\n`);
  if (!isSound(result)) {
    console.log(chaosEvidence(result));
    process.exitCode = 1;
  } else if (isDefaultRun || values.document) {
    await writeReport(result);
  }
} catch (error) {
  if (!(error instanceof Interrupted)) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    console.error(`To repeat the plan: npm run chaos -- --seed ${seed}`);
  }
  process.exitCode = error instanceof Interrupted ? 130 : 1;
}
// Node 24 may wait forever at exit for sockets that were reset during a write.
process.exit();

function findClusterPrograms(): ClusterPrograms {
  const { MULTICHAT_TEST_REDIS_SERVER: redis, MULTICHAT_TEST_POSTGRES_BIN: postgresBin } = process.env;
  if (redis === undefined || postgresBin === undefined) {
    throw new TypeError(
      "Expected the programs of PostgreSQL and Redis for several servers; run: npm run chaos:cluster",
    );
  }
  return { redis, postgresBin };
}

async function writeReport(result: ChaosResult): Promise<void> {
  const [name, command] = plan.servers === 1 ? ["chaos", "npm run chaos"] : ["chaos-cluster", "npm run chaos:cluster"];
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const at = new Date().toISOString();
  const report = { command, at, node: process.version, cores: availableParallelism(), result };
  await writeFile(new URL(`${name}.json`, RESULTS_FOLDER), `${JSON.stringify(report, null, 2)}\n`);
  const where = `servers and clients on ${report.cores} cores`;
  await writeSection({ document: new URL("../../docs/reliability.md", import.meta.url), name, command }, [
    `Measured on ${at.slice(0, 10)}, Node ${process.version.slice(1)}, seed ${seed}, ${where}:`,
    "",
    chaosTable(result),
  ]);
  console.log(`Written to docs/benchmarks/${name}.json and docs/reliability.md.`);
}
