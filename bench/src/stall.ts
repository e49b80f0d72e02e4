import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort, Server } from "./multichat/server.ts";
import { createUsersAndRooms, signInAll } from "./multichat/users.ts";
import { integerOption, parseOrExit } from "./report/options.ts";
import { type Distribution, distributionOf, formatDuration } from "./report/quantile.ts";
import { COSTLY_TEXTS, worstCodePoints } from "./stall/code-points.ts";
import { Connection } from "./stall/connection.ts";

const MESSAGE_CHARS = 10_000;
/** Between the messages of the user whose waiting time is measured. */
const PAUSE_MS = 10;

const { values } = parseOrExit(() =>
  parseArgs({
    options: {
      seconds: { type: "string", default: "5" },
      worst: { type: "string", default: "5" },
      sockets: { type: "string", default: "10" },
      help: { type: "boolean", default: false },
    },
  }),
);

if (values.help) {
  console.log(
    [
      "npm run bench:stall -- [--seconds 5] [--worst 5] [--sockets 10]",
      "",
      "Measures how long a user's message in one room takes while another user floods another room with the costliest",
      `messages of ${MESSAGE_CHARS.toLocaleString("en")} characters. Finds the characters that grow the most by trying all of Unicode.`,
      "",
      "--seconds  of each measurement",
      "--worst    characters to flood with, worst first",
      "--sockets  connections of the flooding user",
    ].join("\n"),
  );
  process.exit(0);
}

const { seconds, worst, sockets } = parseOrExit(() => ({
  seconds: integerOption("seconds", values.seconds, 1, 600),
  worst: integerOption("worst", values.worst, 0, 100),
  sockets: integerOption("sockets", values.sockets, 1, 20),
}));

const codePoints = worstCodePoints(worst);
for (const { codePoint, character, bytesBefore, bytesAfter, charsAfter } of codePoints) {
  const startedAt = performance.now();
  character.repeat(MESSAGE_CHARS).normalize("NFKD");
  const normalized = formatDuration(performance.now() - startedAt);
  console.log(
    `${codePoint}: ${bytesBefore} -> ${bytesAfter} bytes, ${charsAfter} characters; a message: ${normalized}`,
  );
}

const folder = await mkdtemp(join(tmpdir(), "multichat-stall-"));
try {
  const settings = { dataDir: join(folder, "data"), port: await freePort() };
  await mkdir(settings.dataDir);
  await createUsersAndRooms(settings, 2, 2);
  const server = await Server.start(settings);
  const [victim = "", attacker = ""] = await signInAll(server.url, 2);
  const texts = { ...COSTLY_TEXTS, ...Object.fromEntries(codePoints.map((cost) => [cost.codePoint, cost.character])) };
  const calm = await measure(server.url, victim, new AbortController().signal);
  report("nobody", calm, calm, 0);
  for (const [name, text] of Object.entries(texts)) {
    const flood = new AbortController();
    const floods = Array.from({ length: sockets }, () => floodRoom(server.url, attacker, text, flood.signal));
    const flooded = await measure(server.url, victim, flood.signal);
    flood.abort();
    const sent = (await Promise.all(floods)).reduce((sum, count) => sum + count, 0);
    report(name, flooded, calm, sent);
  }
  await server.stop();
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Posts short messages one after another; returns how long each one took. */
async function measure(url: string, token: string, signal: AbortSignal): Promise<Distribution> {
  const connection = await Connection.open(url, token);
  await connection.do("room.join", { room: 1 });
  const durationsMs: number[] = [];
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until && !signal.aborted) {
    const startedAt = performance.now();
    const { error } = await connection.send("message.send", { room: 1, clientId: randomUUID(), body: "hello" });
    if (error === undefined) durationsMs.push(performance.now() - startedAt);
    await setTimeout(error?.retryAfter === undefined ? PAUSE_MS : error.retryAfter * 1_000);
  }
  connection.close();
  return distributionOf(durationsMs);
}

/** Posts messages of the text as fast as the server takes them. Returns how many it took. */
async function floodRoom(url: string, token: string, text: string, signal: AbortSignal): Promise<number> {
  const connection = await Connection.open(url, token);
  // The account may still have to wait for what its last flood cost.
  for (let wait = 1; wait > 0; ) {
    const { error } = await connection.send("room.join", { room: 2 });
    wait = error === undefined ? 0 : (error.retryAfter ?? 1) * 1_000;
    await setTimeout(wait);
  }
  const body = [...text.repeat(Math.ceil(MESSAGE_CHARS / [...text].length))].slice(0, MESSAGE_CHARS).join("");
  let sent = 0;
  while (!signal.aborted) {
    const { error } = await connection.send("message.send", { room: 2, clientId: randomUUID(), body });
    if (error === undefined) sent += 1;
    else await setTimeout((error.retryAfter ?? 1) * 1_000);
  }
  connection.close();
  return sent;
}

function report(name: string, { p50, p99 }: Distribution, calm: Distribution, sent: number): void {
  const ratio = (p99 / calm.p99).toFixed(1);
  console.log(`${name}: p50 ${formatDuration(p50)}, p99 ${formatDuration(p99)} (${ratio} times), ${sent} messages`);
}
