import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { basename, resolve } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { SqliteDatabase } from "../sqlite-database.ts";
import { toFailure } from "../threads/to-failure.ts";
import type { Failure } from "../threads/worker-messages.ts";
import { findDamage } from "./inspect.ts";

// The entry of the thread that `copy.ts` starts: copies a database as it is at one moment, while others write to it.

// Given by `copy.ts`, which alone starts this file.
const { from, to } = workerData as { from: string; to: string };

lowerPriority();
let failure: Failure | undefined;
try {
  const source = new SqliteDatabase(from, { readOnly: true });
  try {
    source.prepare("vacuum into ?").run(resolve(to));
  } finally {
    source.close();
  }
  const copy = new SqliteDatabase(to, { readOnly: true });
  const damage = findDamage(copy);
  copy.close();
  if (damage.length > 0) failure = { code: "corrupt", message: damage.join("; ") };
} catch (error) {
  failure = toFailure(error);
}
parentPort?.postMessage(failure);

/** Lets servers on this machine run first: a copy is not urgent. Linux alone can do that for one thread. */
function lowerPriority(): void {
  try {
    // Leads to `<process>/task/<thread>`.
    setPriority(Number(basename(readlinkSync("/proc/thread-self"))), constants.priority.PRIORITY_LOW);
  } catch {
    // Another system: the copy competes with them.
  }
}
