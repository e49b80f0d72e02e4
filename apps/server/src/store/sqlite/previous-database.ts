import { existsSync } from "node:fs";
import { link, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncToDisk } from "../durable-names.ts";

// A restore gives the previous database a second name, then puts the backup in its place by one rename. A process that is killed
// between the two leaves a database with two names, which nobody opens, and which the next restore or these functions undo.

/** What SQLite applies to a database that it finds under the same name, of whichever database it is. */
const LOG_SUFFIXES = ["-wal", "-journal"] as const;
/** How file systems say that they have no hard links, or no more of them. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Returns the name of a database that is replaced now. */
export function namePrevious(file: string): string {
  return `${file}.before-${new Date().toISOString().replaceAll(":", "")}`;
}

/** Where a restore prepares the database that becomes `file`. */
export function nameStaged(file: string): string {
  return `${file}.restored`;
}

/**
 * Gives a database its second name, and takes its logs, which only a damaged one still has, from beside the first one. All of it is
 * on the disk when it resolves.
 */
export async function moveAside(file: string, previous: string): Promise<void> {
  try {
    await link(file, previous);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code)) throw error;
    // For a moment there is no database; `prepareDatabaseFile` creates none meanwhile.
    await rename(file, previous);
  }
  await moveLogs(file, previous);
  await rm(`${file}-shm`, { force: true });
  await syncToDisk(dirname(file));
}

/** Undoes `moveAside` while the database has not been replaced; afterwards does nothing. */
export async function undoMoveAside(file: string, previous: string): Promise<void> {
  if (!existsSync(previous)) return;
  if (!existsSync(file)) {
    await moveLogs(previous, file);
    await rename(previous, file);
  } else if (await isSameFile(file, previous)) {
    await moveLogs(previous, file);
    await rm(previous);
  }
}

/** Returns the second names of a database that a killed restore has left. */
export async function findSecondNames(file: string): Promise<string[]> {
  const folder = dirname(file);
  const prefix = `${basename(file)}.before-`;
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix)).map((name) => join(folder, name));
  const areSame = await Promise.all(names.map((name) => isSameFile(file, name)));
  return names.filter((_, index) => areSame[index]);
}

/** Removes a database with the files that SQLite keeps beside it. */
export async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ["", ...LOG_SUFFIXES, "-shm"]) await rm(`${file}${suffix}`, { force: true });
}

/** Keeps what was left beside the name of a database that is not there; SQLite removes it when it creates one. */
export async function keepLogs(file: string, previous: string): Promise<void> {
  for (const suffix of LOG_SUFFIXES) {
    if (!existsSync(`${file}${suffix}`)) continue;
    await link(`${file}${suffix}`, `${previous}${suffix}`).catch((error: NodeJS.ErrnoException) => {
      if (!NO_LINKS.has(error.code)) throw error;
    });
  }
}

/** Removes the logs beside a database. The caller knows that nobody has it open. */
export async function removeLogs(file: string): Promise<void> {
  for (const suffix of [...LOG_SUFFIXES, "-shm"]) await rm(`${file}${suffix}`, { force: true });
}

async function moveLogs(from: string, to: string): Promise<void> {
  for (const suffix of LOG_SUFFIXES) {
    if (existsSync(`${from}${suffix}`)) await rename(`${from}${suffix}`, `${to}${suffix}`);
  }
}

async function isSameFile(file: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all([stat(file, { bigint: true }), stat(other, { bigint: true })]);
  return one.ino === two.ino && one.dev === two.dev;
}
