import { parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { toStoreError } from "../sqlite-errors.ts";
import { findDamage } from "./inspect.ts";

/** Copies a database as it is at one moment, while others write to it; the entry of the thread that `copy.ts` starts. */

// Given by `copy.ts`, which is the only one to start this file.
const { from, to } = workerData as { from: string; to: string };

let failure: { code: string; message: string } | undefined;
try {
  const source = new Database(from, { readonly: true, fileMustExist: true });
  try {
    source.prepare("vacuum into ?").run(to);
  } finally {
    source.close();
  }
  const copy = new Database(to, { readonly: true, fileMustExist: true });
  const damage = findDamage(copy);
  copy.close();
  if (damage.length > 0) failure = { code: "corrupt", message: damage.join("; ") };
} catch (error) {
  const { code, message } = toStoreError(error);
  failure = { code, message };
}
parentPort?.postMessage(failure);
