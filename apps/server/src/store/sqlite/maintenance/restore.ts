import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { StoreError } from "../../store-error.ts";
import { toStoreError } from "../sqlite-errors.ts";
import { renewEpoch } from "../sqlite-store.ts";
import { copyDatabase, syncToDisk } from "./copy.ts";
import { inspectSqlite } from "./inspect.ts";

export interface RestoreResult {
  /** The new one: every client that comes back begins anew, because it may have seen more than the backup holds. */
  readonly epoch: string;
  /** Where the database that was there before has been put; undefined: there was none. */
  readonly previousFile: string | undefined;
}

/**
 * Puts a backup into a database's place and gives it a new epoch. Nothing of the place changes before the backup has been
 * copied beside it, looked over and brought up to date. Everybody signs in again.
 *
 * @param replace whether a database that is there may be put aside.
 * @throws StoreError `corrupt`, `newer`: of the backup; `busy`: a server has the database open; `cannot-open`: there is a
 * database already, or no backup, or a file cannot be made.
 */
export async function restoreSqlite(backup: string, file: string, replace: boolean): Promise<RestoreResult> {
  const place = resolve(file);
  checkBackup(backup);
  const there = existsSync(place);
  if (there && !replace) {
    throw new StoreError("cannot-open", `there is a database at ${place} already: say that it is to be replaced`);
  }
  if (there) leaveAlone(place);
  const beside = `${place}.restored`;
  try {
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    await rm(beside, { force: true });
    await copyDatabase(backup, beside);
    const epoch = await renewEpoch({ file: beside });
    endAllSessions(beside);
    const aside = there ? `${place}.before-${new Date().toISOString().replaceAll(":", "")}` : undefined;
    if (aside !== undefined) await moveAside(place, aside);
    await rename(beside, place);
    await syncToDisk(dirname(place));
    return { epoch, previousFile: aside };
  } catch (error) {
    await Promise.all(["", "-wal", "-shm"].map((end) => rm(`${beside}${end}`, { force: true })));
    throw toStoreError(error);
  }
}

function checkBackup(backup: string): void {
  const inspected = inspectSqlite(backup);
  if (inspected.found === "nothing") throw new StoreError("cannot-open", `there is no backup at ${backup}`);
  const { damage, schema, wanted } = inspected;
  if (damage.length > 0) throw new StoreError("corrupt", `the backup ${backup} is damaged: ${damage.join("; ")}`);
  if (schema === 0) throw new StoreError("corrupt", `${backup} is no backup of a chat: there is no schema in it`);
  if (schema > wanted) {
    throw new StoreError(
      "newer",
      `the backup ${backup} has schema ${schema}, this version knows schemas up to ${wanted}: run the newer version that wrote it`,
    );
  }
}

/** Folds the write-ahead log into the file, which only works where nobody else has it open. */
function leaveAlone(file: string): void {
  let raw: Database.Database | undefined;
  try {
    raw = new Database(file, { timeout: 0 });
    raw.pragma("journal_mode = DELETE");
  } catch (error) {
    const failure = toStoreError(error);
    // One that is damaged is what people replace.
    if (failure.code === "corrupt") return;
    if (failure.code !== "busy") throw failure;
    throw new StoreError("busy", `another process has ${file} open: stop the server first`, { cause: error });
  } finally {
    raw?.close();
  }
}

/** Those that were ended since the backup was made would be alive again, of people who were shut out too. */
function endAllSessions(file: string): void {
  const raw = new Database(file);
  try {
    raw.exec("delete from session");
  } finally {
    raw.close();
  }
}

/** With its log, where a damaged one still has one: under these names they still belong together. */
async function moveAside(place: string, aside: string): Promise<void> {
  for (const end of ["", "-wal"]) if (existsSync(`${place}${end}`)) await rename(`${place}${end}`, `${aside}${end}`);
  await rm(`${place}-shm`, { force: true });
}
