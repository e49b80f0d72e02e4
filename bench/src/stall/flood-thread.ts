import { setTimeout } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Connection } from "./connection.ts";
import { FLOODED_ROOM, FLOODS, type Flood, worstFloods } from "./floods.ts";

// The flooding user, in a thread of its own: the answers that it reads must not delay the measurement.

export interface FloodJob {
  readonly url: string;
  readonly token: string;
  /** Connections of the flooding user. */
  readonly sockets: number;
  readonly name: string;
  /** The name of another user. */
  readonly other: string;
  /** How many of the characters that grow the most there are floods for. */
  readonly worst: number;
}

/** Sent when the flood is prepared, and with the number of accepted commands when it has ended. */
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
const connections = await Promise.all(Array.from({ length: job.sockets }, () => Connection.open(job.url, job.token)));
for (const connection of connections) await connection.doPatiently("room.join", { room: FLOODED_ROOM });
const [first] = connections;
if (first === undefined) throw new Error("Expected at least one connection.");
const prepareStart = performance.now();
const commandOf = await flood.prepare(first, job.other);
// The flood begins with what the account may do at once: where its preparation has used that up, it saves up again.
if (performance.now() - prepareStart > SAVE_UP_AFTER_MS) await setTimeout(SAVE_UP_MS);
report({ kind: "started" });
let next = 0;
const accepted = await Promise.all(connections.map((connection) => run(flood, connection)));
report({ kind: "ended", accepted: accepted.reduce((sum, count) => sum + count, 0) });

async function run({ name }: Flood, connection: Connection): Promise<number> {
  let count = 0;
  while (!stop.signal.aborted) {
    const command = commandOf(next++);
    const { error } = await connection.send(command.do, command.params);
    if (error === undefined) count += 1;
    else if (error.retryAfter === undefined) throw new Error(`${name}: ${error.code}: ${error.message}`);
    else await setTimeout(error.retryAfter * 1_000);
  }
  connection.close();
  return count;
}
