import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureJoin, measureMassJoin, measureRestart } from "./join/measure.ts";
import type { JoinCost, MassJoin, RestartCatchUp } from "./join/plan.ts";
import { freePort, Server } from "./multichat/server.ts";
import { createUsersAndRooms, signInAll } from "./multichat/users.ts";
import { requireOpenFiles } from "./report/open-files.ts";
import { integerListOption, integerOption, parseOrExit } from "./report/options.ts";
import { formatDuration } from "./report/quantile.ts";
import { formatTable } from "./report/table.ts";
import { Connection } from "./stall/connection.ts";

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      sizes: { type: "string", default: "10,100,500,2000" },
      joins: { type: "string", default: "400" },
      clients: { type: "string", default: "10000" },
      users: { type: "string", default: "400" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:join -- [--sizes 10,100,500,2000] [--joins 400] [--clients 10000] [--users 400] [--profile FOLDER]",
      "",
      "Measures the server's CPU time of joining, with entries and exits published to the members: first of a connection that",
      "joins five rooms, with others in each of them; then of many clients that connect and are in five rooms each; then how",
      "long all of them take to catch up when the server was killed (kill -9) and started again.",
      "Every room has a page of messages, which each join reads.",
      "",
      "--sizes    other connections in each of the five rooms",
      "--joins    connections that join, for each size",
      "--clients  connections of the second and the third measurement; 0 leaves them out",
      "--users    accounts that the connections belong to, in turn",
      "--profile  leaves CPU profiles of the server in this folder (node --cpu-prof)",
    ].join("\n"),
  );
  process.exit(0);
}

const { sizes, joins, clients, users } = parseOrExit(() => ({
  sizes: values.sizes === "" ? [] : integerListOption("sizes", values.sizes, 1, 20_000),
  joins: integerOption("joins", values.joins, 1, 20_000),
  clients: integerOption("clients", values.clients, 0, 25_000),
  users: integerOption("users", values.users, 2, 10_000),
}));
/** Of the second measurement, so that with 10,000 clients a room has 1,000. */
const ROOMS = 50;
const MESSAGES_OF_A_ROOM = 50;
const MISSED_PER_ROOM = 20;

await requireOpenFiles(Math.max(clients, ...sizes.map((size) => size + joins)) + 500);
const folder = await mkdtemp(join(tmpdir(), "multichat-join-"));
try {
  const profiling: Record<string, string> =
    values.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` };
  const env = { LIMIT_COMMANDS_PER_SECOND: "100000", LIMIT_CONNECTIONS_PER_USER: "100000" };
  const settings = { dataDir: join(folder, "data"), port: await freePort(), env };
  await mkdir(settings.dataDir);
  await createUsersAndRooms(settings, users, ROOMS);
  let server = await Server.start({ ...settings, env: { ...env, ...profiling } });
  const tokens = await signInAll(server.url, users);
  await fillRooms(server.url, tokens[0] ?? "");
  const costs: JoinCost[] = [];
  for (const size of sizes) {
    costs.push(await measureJoin(server, tokens, size, joins));
    console.log(`measured rooms of ${size}`);
  }
  if (costs.length > 0) console.log(`\n${joinTable(costs)}\n`);
  if (clients > 0) {
    console.log(massJoinLine(await measureMassJoin(server, tokens, { clients, rooms: ROOMS })));
    // A killed process writes no profile.
    await (values.profile === undefined ? server.kill() : server.stop());
    server = await Server.start(settings);
    const plan = { clients, rooms: ROOMS, missedPerRoom: MISSED_PER_ROOM };
    console.log(restartLine(await measureRestart(server, tokens, plan)));
  }
  await server.stop();
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Posts the messages that every join reads. */
async function fillRooms(url: string, token: string): Promise<void> {
  const connection = await Connection.open(url, token);
  for (let room = 1; room <= ROOMS; room += 1) {
    await connection.do("room.join", { room });
    const posts = Array.from({ length: MESSAGES_OF_A_ROOM }, (_, n) =>
      connection.do("message.send", {
        room,
        clientId: randomUUID(),
        body: `Message ${n} of room ${room}, as long as most`,
      }),
    );
    await Promise.all(posts);
  }
  connection.close();
}

function joinTable(costs: readonly JoinCost[]): string {
  return formatTable(
    ["others in each room", "CPU of joining five", "CPU of a join", "until answered", "events to each member"],
    costs.map(({ size, microsPerConnection, milliseconds, eventsPerMember }) => [
      String(size),
      `${(microsPerConnection / 1_000).toFixed(2)} ms`,
      `${Math.round(microsPerConnection / 5)} us`,
      `${milliseconds.toFixed(2)} ms`,
      eventsPerMember.toFixed(1),
    ]),
  );
}

function massJoinLine(result: MassJoin): string {
  const { clients: count, rooms, connectCpuSeconds, joinCpuSeconds, connectSeconds, seconds } = result;
  return [
    `${count} clients in five of ${rooms} rooms each: ${(connectCpuSeconds + joinCpuSeconds).toFixed(2)} s of CPU`,
    `(${connectCpuSeconds.toFixed(2)} s to connect, ${joinCpuSeconds.toFixed(2)} s to join),`,
    `connected after ${connectSeconds.toFixed(1)} s, in their rooms after ${seconds.toFixed(1)} s,`,
    `${(result.rssBytesPerConnection / 1_024).toFixed(1)} KB each`,
  ].join(" ");
}

function restartLine({ clients: count, missedPerRoom, seconds, cpuSeconds, wait }: RestartCatchUp): string {
  return [
    `${count} clients caught up ${seconds.toFixed(1)} s after the restart, with ${missedPerRoom} missed messages in each room:`,
    `${cpuSeconds.toFixed(2)} s of CPU; one client p50 ${formatDuration(wait.p50)}, p99 ${formatDuration(wait.p99)}`,
  ].join(" ");
}
