import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { syncToDisk } from "../../durable-names.ts";
import { StoreError } from "../../store-error.ts";
import { removeDatabase } from "../previous-database.ts";
import { toStoreError } from "../sqlite-errors.ts";
import type { Failure } from "../threads/worker-messages.ts";

/**
 * Copies a database that may be in use, as it is at one moment, into a new file for its owner alone. The copy is checked
 * before it gets its name, and synced to disk before the promise resolves.
 *
 * @param beforeNaming called with the finished copy before it gets its name.
 * @throws StoreError `cannot-open`: `to` exists, or cannot be created; `corrupt`: the source is damaged.
 */
export async function copyDatabase(
  from: string,
  to: string,
  beforeNaming?: (copied: { readonly bytes: number }) => Promise<void>,
): Promise<{ readonly bytes: number }> {
  const part = `${to}.part`;
  const copying = new AbortController();
  try {
    await removeDatabase(part);
    // Restricts the file before it holds password hashes and sessions.
    await (await open(part, "wx", 0o600)).close();
    const [copied, synced] = await Promise.allSettled([
      copyInThread(from, part, copying),
      syncWhile(copying.signal, part),
    ]);
    if (copied.status === "rejected") throw copied.reason;
    // The system reports a lost write once.
    if (synced.status === "rejected") throw synced.reason;
    await syncToDisk(part);
    const { size: bytes } = await stat(part);
    assertUnused(to);
    await beforeNaming?.({ bytes });
    await renameToNew(part, to);
    return { bytes };
  } catch (error) {
    await removeDatabase(part);
    const { code, message } = toStoreError(error);
    throw new StoreError(code === "failed" ? "cannot-open" : code, `cannot copy ${from} to ${to}: ${message}`, {
      cause: error,
    });
  }
}

/** SQLite would apply the logs of another database to the copy. */
function assertUnused(path: string): void {
  for (const suffix of ["", "-wal", "-journal"]) {
    if (!existsSync(`${path}${suffix}`)) continue;
    const which = suffix === "" ? "there" : `at ${path}${suffix}`;
    throw new StoreError("cannot-open", `expected no file ${which}: move it or choose another name`);
  }
}

/** Gives a finished file its name, unless that is taken. */
async function renameToNew(part: string, to: string): Promise<void> {
  assertUnused(to);
  await rename(part, to);
  await syncToDisk(dirname(to));
}

/** How often what was copied since is synced. */
const SYNC_INTERVAL_MS = 20;

/**
 * Syncs a file again and again while it is written. All of it at the end would be hundreds of megabytes, for which every commit of a
 * running server would have to wait.
 *
 * @param signal aborted when the file is written
 */
async function syncWhile(signal: AbortSignal, path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    while (!signal.aborted) {
      await handle.datasync();
      await setTimeout(SYNC_INTERVAL_MS);
    }
  } finally {
    await handle.close();
  }
}

async function copyInThread(from: string, to: string, copying: AbortController): Promise<void> {
  // The worker is TypeScript when run from the sources, JavaScript in the build.
  const entry = import.meta.url.endsWith(".ts") ? "./copy-worker.ts" : "./copy-worker.js";
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: { from, to }, name: "database copy" });
  let failure: Failure | undefined;
  try {
    [failure] = (await once(worker, "message")) as [Failure | undefined];
  } finally {
    copying.abort();
  }
  if (failure !== undefined) throw new StoreError(failure.code, failure.message);
}
