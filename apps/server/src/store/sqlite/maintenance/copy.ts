import { once } from "node:events";
import { existsSync } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { Worker } from "node:worker_threads";
import { StoreError, type StoreErrorCode } from "../../store-error.ts";
import { toStoreError } from "../sqlite-errors.ts";

/**
 * Copies a database that may be in use, as it is at one moment, into a new file for its owner alone. The copy is looked
 * over before it gets its name, and is on the disk when this resolves.
 *
 * @throws StoreError `cannot-open`: there is a file at `to`, or none can be made; `corrupt`: the source is damaged.
 */
export async function copyDatabase(from: string, to: string): Promise<{ readonly bytes: number }> {
  const part = `${to}.part`;
  try {
    await rm(part, { force: true });
    // Before anything is in it: it holds password hashes and sessions.
    await (await open(part, "wx", 0o600)).close();
    await copyInThread(from, part);
    await syncToDisk(part);
    const { size: bytes } = await stat(part);
    await nameNew(part, to);
    return { bytes };
  } catch (error) {
    await rm(part, { force: true });
    const { code, message } = toStoreError(error);
    throw new StoreError(code === "failed" ? "cannot-open" : code, `cannot copy ${from} to ${to}: ${message}`, {
      cause: error,
    });
  }
}

/** Gives a finished file its name, unless there is one of that name. */
async function nameNew(part: string, to: string): Promise<void> {
  if (existsSync(to)) throw new StoreError("cannot-open", `expected no file there: move it or choose another name`);
  await rename(part, to);
  await syncToDisk(dirname(to));
}

/** A file's content, or a folder's names. */
export async function syncToDisk(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } catch (error) {
    // Windows knows no sync of folders.
    if (process.platform !== "win32") throw error;
  } finally {
    await handle?.close();
  }
}

async function copyInThread(from: string, to: string): Promise<void> {
  // Run from the sources the worker is TypeScript, from the build JavaScript.
  const entry = import.meta.url.endsWith(".ts") ? "./copy-worker.ts" : "./copy-worker.js";
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: { from, to }, name: "database copy" });
  const [failure] = (await once(worker, "message")) as [{ code: StoreErrorCode; message: string } | undefined];
  if (failure !== undefined) throw new StoreError(failure.code, failure.message);
}
