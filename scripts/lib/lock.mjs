// One install or build at a time in a clone: a second `npm start` waits for the first one's instead of tearing it apart.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./machine.mjs";

const LOCK = join(ROOT, ".cache", "lock");

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(work) {
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  let told = false;
  while (!tryAcquire()) {
    if (!told)
      console.log(
        `! Another start, build or test (process ${readOwner() ?? "unknown"}) is preparing this clone; waiting for it.`,
      );
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
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
    // Left behind by a process that was killed; whoever removes it first takes it on the next round.
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
