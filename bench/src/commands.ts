import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  addAccounts,
  COSTLIEST_SEARCH,
  type MeasuredCommand,
  prepareCommands,
  ROOMS,
  USERS,
} from "./commands/measured-commands.ts";
import { freePort, Server } from "./multichat/server.ts";
import { createUsersAndRooms, signInAll } from "./multichat/users.ts";
import { integerOption, parseOrExit } from "./report/options.ts";
import { formatTable } from "./report/table.ts";
import { Connection } from "./stall/connection.ts";

/** Commands sent before the reply to the first one has come. */
const WINDOW = 8;
/** Until what a command has left to do later, such as indexing, is mostly done. */
const SETTLE_MS = 300;

const { values } = parseOrExit(() =>
  parseArgs({
    options: { repeats: { type: "string", default: "300" }, help: { type: "boolean", default: false } },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:commands -- [--repeats 300]",
      "",
      "Measures the processor time that each command of the protocol takes of the server, in all of its threads, with arguments",
      "that make it cost as much as it can. The rates of users are charged by these numbers: the table is in",
      "apps/server/src/consumers/chat/command-cost.ts.",
      "",
      "--repeats  of each command",
    ].join("\n"),
  );
  process.exit(0);
}

const repeats = parseOrExit(() => integerOption("repeats", values.repeats, 1, 100_000));
const folder = await mkdtemp(join(tmpdir(), "multichat-commands-"));
try {
  const limits = {
    LIMIT_COMMANDS_PER_SECOND: "100000",
    LIMIT_PINS_PER_ROOM: "100",
    LIMIT_MEMBERS_PER_ROOM: "1000",
  };
  const settings = { dataDir: join(folder, "data"), port: await freePort(), env: limits };
  await mkdir(settings.dataDir);
  await createUsersAndRooms(settings, USERS, ROOMS, { staffCount: 1 });
  addAccounts(join(settings.dataDir, "multichat.db"));
  const server = await Server.start(settings);
  const [ownerToken = "", outsiderToken = ""] = await signInAll(server.url, 2);
  const owner = await Connection.open(server.url, ownerToken);
  const outsider = await Connection.open(server.url, outsiderToken);
  const commands = await prepareCommands(owner, outsider);
  const idle = await measureIdle(server);
  const rows = [await measure(server, outsider, COSTLIEST_SEARCH, idle)];
  for (const command of commands) rows.push(await measure(server, owner, command, idle));
  const ordinary = rows.find(({ name }) => name === "message.send")?.micros ?? Number.NaN;
  console.log(
    formatTable(
      ["command", "µs of the processor", "in short messages"],
      rows.map(({ name, micros }) => [name, String(Math.round(micros)), (micros / ordinary).toFixed(1)]),
    ),
  );
  owner.close();
  outsider.close();
  await server.stop();
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface Cost {
  readonly name: string;
  readonly micros: number;
}

/** Returns the processor time that the server takes each millisecond without a command. */
async function measureIdle(server: Server): Promise<number> {
  await setTimeout(SETTLE_MS);
  const before = await server.cpuMicros();
  const startedAt = performance.now();
  await setTimeout(1_000);
  return ((await server.cpuMicros()) - before) / (performance.now() - startedAt);
}

async function measure(server: Server, connection: Connection, command: MeasuredCommand, idle: number): Promise<Cost> {
  const count = Math.min(command.repeats ?? repeats, repeats);
  const before = await server.cpuMicros();
  const startedAt = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      await connection.do(command.command, command.params(index));
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
  await setTimeout(SETTLE_MS);
  const idleMicros = idle * (performance.now() - startedAt);
  return { name: command.name, micros: ((await server.cpuMicros()) - before - idleMicros) / count };
}
