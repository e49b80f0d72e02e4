// Lets one process at a time install or build in a clone, so that a second `npm start` waits instead of breaking the first.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./machine.mjs";

const LOCK = join(ROOT, ".cache", "lock");

const RETRY_MS = 300;

/**
 * Waits for the lock of this clone and holds it during `work`.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(work) {
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  let isAnnounced = false;
  while (!tryAcquire()) {
    if (!isAnnounced) {
      console.log(`! Waiting for process ${readOwner() ?? "unknown"}, which installs or builds in this clone.`);
      isAnnounced = true;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  const release = () => rmSync(LOCK, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function tryAcquire() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const pid = readOwner();
    // A killed process left its lock. The next attempt takes it.
    if (pid !== undefined && !isAlive(pid)) rmSync(LOCK, { force: true });
    return false;
  }
}

function readOwner() {
  try {
    const pid = Number(readFileSync(LOCK, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    return failure instanceof Error && "code" in failure && failure.code === "EPERM";
  }
}
