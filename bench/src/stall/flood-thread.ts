import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Connection } from "./connection.ts";
import { FLOODED_ROOM } from "./flooded-rooms.ts";
import { type CommandFlood, FLOODS, worstFloods } from "./floods.ts";
import { Requester } from "./requester.ts";
import type { RequestFlood } from "./requests.ts";

// The flooding user, in a thread of its own: the answers that it reads must not delay the measurement.

export interface FloodJob {
  readonly url: string;
  readonly token: string;
  /** Connections of the flooding user. */
  readonly sockets: number;
  readonly name: string;
  /** The loopback address that HTTP requests come from. */
  readonly address: string;
  /** The name of another user. */
  readonly other: string;
  /** How many of the characters that grow the most there are floods for. */
  readonly worst: number;
}

/** Sent when the flood is prepared, and with the number of accepted commands or answered requests when it has ended. */
export type FloodReport = { readonly kind: "started" } | { readonly kind: "ended"; readonly accepted: number };

const SAVE_UP_AFTER_MS = 500;
const SAVE_UP_MS = 4_500;

// Given by `FloodThread`, which alone starts this file.
const job = workerData as FloodJob;
const stop = new AbortController();
parentPort?.once("message", () => stop.abort());

const report = (message: FloodReport): void => parentPort?.postMessage(message);

const flood = [...FLOODS, ...worstFloods(job.worst)].find(({ name }) => name === job.name);
if (flood === undefined) throw new Error(`Expected the name of a flood, got ${JSON.stringify(job.name)}.`);
if (flood.kind === "http") await runRequests(flood);
else await runCommands(flood);

async function runCommands({ name, prepare }: CommandFlood): Promise<void> {
  const connections = await Promise.all(Array.from({ length: job.sockets }, () => Connection.open(job.url, job.token)));
  for (const connection of connections) await connection.doPatiently("room.join", { room: FLOODED_ROOM });
  const [first] = connections;
  if (first === undefined) throw new Error("Expected at least one connection.");
  const prepareStart = performance.now();
  const commandOf = await prepare(first, job.other);
  // The flood begins with what the account may do at once: where its preparation has used that up, it saves up again.
  if (performance.now() - prepareStart > SAVE_UP_AFTER_MS) await setTimeout(SAVE_UP_MS);
  let next = 0;
  await runAll(connections, async (connection) => {
    const command = commandOf(next++);
    const { error } = await connection.send(command.do, command.params);
    if (error === undefined) return "accepted";
    if (error.retryAfter === undefined) throw new Error(`${name}: ${error.code}: ${error.message}`);
    return { retryAfterMs: error.retryAfter * 1_000 };
  });
}

async function runRequests({ name, expected, requestOf }: RequestFlood): Promise<void> {
  const requesters = Array.from({ length: job.sockets }, () => new Requester(job));
  let next = 0;
  await runAll(requesters, async (requester) => {
    const { status, retryAfterSeconds, text } = await requester.send(requestOf(next++));
    if (expected.includes(status)) return "accepted";
    if (status !== 429) throw new Error(`${name}: expected ${expected.join(" or ")}, got ${status}: ${text}`);
    return { retryAfterMs: retryAfterSeconds * 1_000 };
  });
}

type Outcome = "accepted" | { readonly retryAfterMs: number };

/** Lets each connection do one thing after another until the flood is stopped, and reports. */
async function runAll<C extends { close(): void }>(
  connections: readonly C[],
  doNext: (connection: C) => Promise<Outcome>,
): Promise<void> {
  report({ kind: "started" });
  let accepted = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (!stop.signal.aborted) {
        const outcome = await doNext(connection);
        if (outcome === "accepted") accepted += 1;
        // The wait can be minutes long; `stop` ends it.
        else await setTimeout(outcome.retryAfterMs, undefined, { signal: stop.signal }).catch(() => {});
      }
      connection.close();
    }),
  );
  report({ kind: "ended", accepted });
}
