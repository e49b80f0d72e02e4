import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort, Server } from "./multichat/server.ts";
import { createUsersAndRooms, credentialsOf, signInAll } from "./multichat/users.ts";
import { integerOption, parseOrExit } from "./report/options.ts";
import { type Distribution, distributionOf, formatDuration } from "./report/quantile.ts";
import { writeSection } from "./report/section.ts";
import { formatTable } from "./report/table.ts";
import { worstCodePoints } from "./stall/code-points.ts";
import { Connection } from "./stall/connection.ts";
import { MESSAGE_CHARS } from "./stall/flooded-rooms.ts";
import { FLOODS, type Flood, fillLongRoom, worstFloods } from "./stall/floods.ts";
import { FloodThread, measureWaits } from "./stall/measure.ts";
import { REQUESTS } from "./stall/requests.ts";

/** What a flood may cost the others: this many times the p99 without it. */
const GOAL = 2;
/** Users whose messages are measured. */
const USERS = 4;

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      seconds: { type: "string", default: "5" },
      worst: { type: "string", default: "3" },
      sockets: { type: "string", default: "10" },
      only: { type: "string", default: "" },
      profile: { type: "string" },
      document: { type: "boolean", default: false },
      note: { type: "string" },
      results: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:stall -- [--seconds 5] [--worst 3] [--sockets 10] [--only TEXT] [--profile FOLDER] [--results FILE] [--document]",
      "",
      `Measures how long the messages of ${USERS} users take while another user floods other rooms with what costs the most:`,
      `messages of ${MESSAGE_CHARS.toLocaleString("en")} characters, among them those that grow the most of all of Unicode, commands`,
      "that make events, searches, pages of long messages, and HTTP requests with bodies and headers of the largest size. Before",
      "each flood it measures without one. The rates are those of a server as it is installed.",
      "",
      "--seconds   of each flood, and half as many without one before it",
      "--worst     characters to flood with, of those that grow the most",
      "--sockets   connections of the flooding user",
      "--only      floods whose name or kind (texts, commands, reads, http) contains this, or one of several separated by commas",
      "--profile   a folder for CPU profiles of the server's threads",
      "--document  writes the table into docs/reliability.md",
      "--results   a JSON file that keeps the measurements: the table has those of earlier runs too, so that a run can be made in parts",
      "--note      a sentence about this run for the document, such as what else the machine was doing",
    ].join("\n"),
  );
  process.exit(0);
}

const { seconds, worst, sockets } = parseOrExit(() => ({
  seconds: integerOption("seconds", values.seconds, 1, 600),
  worst: integerOption("worst", values.worst, 0, 100),
  sockets: integerOption("sockets", values.sockets, 1, 20),
}));

for (const { codePoint, bytesBefore, bytesAfter, charsAfter } of worstCodePoints(worst)) {
  console.log(`${codePoint}: ${bytesBefore} -> ${bytesAfter} bytes, ${charsAfter} characters`);
}

interface Row {
  readonly flood: Pick<Flood, "name">;
  readonly calm: readonly number[];
  readonly flooded: Distribution;
  readonly accepted: number;
}

const parts = values.only.split(",");
const floods = [...FLOODS, ...worstFloods(worst)].filter(({ kind, name }) =>
  parts.some((part) => `${kind}: ${name}`.includes(part)),
);
const folder = await mkdtemp(join(tmpdir(), "multichat-stall-"));
try {
  const profile = values.profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values.profile}` };
  const settings = { dataDir: join(folder, "data"), port: await freePort(), env: profile };
  await mkdir(settings.dataDir);
  if (values.profile !== undefined) await mkdir(values.profile, { recursive: true });
  const count = USERS + 1 + REQUESTS.length;
  await createUsersAndRooms(settings, count, USERS + 2);
  const server = await Server.start(settings);
  const [flooder = "", ...tokens] = await signInAll(server.url, count);
  const others = tokens.slice(0, USERS);
  if (floods.some(({ kind }) => kind !== "texts")) {
    const connection = await Connection.open(server.url, flooder);
    await fillLongRoom(connection);
    connection.close();
  }
  const measure = (duration: number) => measureWaits(server.url, others, duration);
  await measure(1);
  const rows: Row[] = [];
  for (const flood of floods) {
    const calm = await measure(seconds / 2);
    const thread = await FloodThread.start({
      url: server.url,
      // HTTP requests are limited by the minute, and each flood begins with what an account and an address may do.
      token: flood.kind === "http" ? (tokens[USERS + REQUESTS.indexOf(flood)] ?? "") : flooder,
      address: flood.kind === "http" ? `127.0.0.${2 + REQUESTS.indexOf(flood)}` : "127.0.0.1",
      other: credentialsOf(1).username,
      sockets,
      name: flood.name,
      worst,
    });
    const flooded = distributionOf(await measure(seconds));
    const accepted = await thread.stop();
    rows.push({ flood, calm, flooded, accepted });
    const [before, during] = [distributionOf(calm), flooded].map(({ p99 }) => formatDuration(p99));
    console.log(`${flood.name}: p99 ${before} -> ${during}, ${accepted} accepted`);
  }
  await server.stop();
  await report(await withEarlierRows(rows));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Adds the rows of earlier runs with the same file of results, in the order of the floods. */
async function withEarlierRows(rows: readonly Row[]): Promise<readonly Row[]> {
  const { results } = values;
  if (results === undefined) return rows;
  // Written by an earlier run.
  const earlier = existsSync(results) ? (JSON.parse(await readFile(results, "utf8")) as readonly Row[]) : [];
  const byName = new Map([...earlier, ...rows].map((row) => [row.flood.name, row]));
  const all = [...FLOODS, ...worstFloods(worst)].flatMap(({ name }) => byName.get(name) ?? []);
  await writeFile(results, JSON.stringify(all));
  return all;
}

/**
 * Compares each flood with the median of the p99s without one: those before one flood are too few, and one that something else on
 * the machine disturbs would make the others look better.
 */
async function report(rows: readonly Row[]): Promise<void> {
  const calmP99s = rows.map((row) => distributionOf(row.calm).p99);
  const { p50: calmP99 } = distributionOf(calmP99s);
  const { p50, max } = distributionOf(rows.flatMap((row) => row.calm));
  const table = formatTable(
    ["flood", "accepted/s", "p99 before", "p50 ms", "p99 ms", "max ms", "times the calm p99", `at most ${GOAL}`],
    [
      ["none", "", "", ...columnsOf({ p50, p99: calmP99, max }), "1.0", ""],
      ...rows.map(({ flood, flooded, accepted }, index) => {
        const ratio = flooded.p99 / calmP99;
        const rate = (accepted / seconds).toFixed(1);
        const p99Before = formatDuration(calmP99s[index] ?? Number.NaN);
        return [flood.name, rate, p99Before, ...columnsOf(flooded), ratio.toFixed(1), ratio <= GOAL ? "yes" : "NO"];
      }),
    ],
  );
  console.log(`\n${table}`);
  if (!values.document) return;
  const date = new Date().toISOString().slice(0, 10);
  const note = values.note === undefined ? [] : [values.note];
  await writeSection(
    {
      document: new URL("../../docs/reliability.md", import.meta.url),
      name: "stall",
      command: "npm run bench:stall -- --document",
    },
    [[`Measured on ${date}, Node ${process.versions.node}, ${seconds} s a row.`, ...note].join(" "), "", table],
  );
}

function columnsOf({ p50, p99, max }: Omit<Distribution, "count">): readonly string[] {
  return [p50, p99, max].map((ms) => ms.toFixed(1));
}
