import { existsSync } from "node:fs";
import { realpath, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { NewAuditEntry } from "../../audit/audit-log.ts";
import { StoreError } from "../../store-error.ts";
import { createFolder, syncToDisk } from "../durable-names.ts";
import { SqliteDatabase } from "../sqlite-database.ts";
import { toStoreError } from "../sqlite-errors.ts";
import { renewEpoch } from "../sqlite-store.ts";
import { copyDatabase } from "./copy.ts";
import { inspectSqlite } from "./inspect.ts";
import { readAuditHead, recordInFile } from "./record-entry.ts";

export interface RestoreRequest {
  readonly backup: string;
  /** The database file that the backup becomes. */
  readonly file: string;
  /** Whether an existing database may be moved aside. @default false */
  readonly replaceExisting?: boolean;
  /** Returns the entry for the audit log of the restored database. @default none */
  readonly toEntry?: (restored: RestoredDatabase) => NewAuditEntry;
}

export interface RestoredDatabase {
  /** How many sessions the backup had; none of them is valid. */
  readonly sessions: number;
  readonly previousFile: string | undefined;
  /** The head of the audit log in the previous file. */
  readonly previousHead: string | undefined;
}

export interface RestoreResult {
  /** The new epoch: every client starts over, because it may have seen more than the backup holds. */
  readonly epoch: string;
  /** Where the previous database was moved; undefined: there was none. */
  readonly previousFile: string | undefined;
}

/**
 * Replaces a database by a backup and gives it a new epoch. The previous database stays untouched until the backup has
 * been copied beside it, checked and upgraded. All sessions end.
 *
 * @throws StoreError `corrupt`, `newer`: of the backup; `busy`: a server has the database open; `cannot-open`: there is a
 * database already, or no backup, or a file cannot be created.
 */
export async function restoreSqlite({
  backup,
  file,
  replaceExisting = false,
  toEntry,
}: RestoreRequest): Promise<RestoreResult> {
  const exists = existsSync(file);
  // Behind a symbolic link, as it is opened: the link may lead to another disk.
  const target = exists ? await realpath(file) : resolve(file);
  checkBackup(backup);
  if (exists && !replaceExisting) {
    throw new StoreError("cannot-open", `expected no database at ${target}: allow it to be replaced, or move it`);
  }
  if (exists) assertNotOpen(target);
  const staged = `${target}.restored`;
  try {
    await createFolder(dirname(target));
    await rm(staged, { force: true });
    await copyDatabase(backup, staged);
    const epoch = await renewEpoch({ file: staged });
    const sessions = endAllSessions(staged);
    const previousFile = exists ? `${target}.before-${new Date().toISOString().replaceAll(":", "")}` : undefined;
    const previousHead = exists ? readAuditHead(target) : undefined;
    // In the file that becomes the database: neither is ever there without the other.
    if (toEntry !== undefined) await recordInFile(staged, toEntry({ sessions, previousFile, previousHead }));
    if (previousFile !== undefined) await moveDatabase(target, previousFile);
    await rename(staged, target);
    // Of the upgrade of an older backup.
    await rm(`${staged}.server-lock`, { force: true });
    await syncToDisk(dirname(target));
    return { epoch, previousFile };
  } catch (error) {
    await Promise.all(["", "-wal", "-shm", ".server-lock"].map((suffix) => rm(`${staged}${suffix}`, { force: true })));
    throw toStoreError(error);
  }
}

function checkBackup(backup: string): void {
  const inspection = inspectSqlite(backup);
  if (inspection.found === "nothing") throw new StoreError("cannot-open", `there is no backup at ${backup}`);
  const { damage, schema, supportedSchema } = inspection;
  if (damage.length > 0) throw new StoreError("corrupt", `the backup ${backup} is damaged: ${damage.join("; ")}`);
  if (schema === 0) throw new StoreError("corrupt", `${backup} is not a backup of a chat: it has no schema`);
  if (schema > supportedSchema) {
    throw new StoreError(
      "newer",
      `the backup ${backup} has schema ${schema}, this version supports schemas up to ${supportedSchema}: run the newer version that wrote it`,
    );
  }
}

/** Folds the write-ahead log into the file, which succeeds only where no other process has it open. */
function assertNotOpen(file: string): void {
  let raw: SqliteDatabase | undefined;
  try {
    raw = new SqliteDatabase(file, { busyTimeoutMs: 0 });
    raw.exec("pragma journal_mode = DELETE");
  } catch (error) {
    const failure = toStoreError(error);
    // Replacing a damaged database is what a backup is for.
    if (failure.code === "corrupt") return;
    if (failure.code !== "busy") throw failure;
    throw new StoreError("busy", `another process has ${file} open: stop the server first`, { cause: error });
  } finally {
    raw?.close();
  }
}

/** Sessions that were ended since the backup was made must not become valid again. */
function endAllSessions(file: string): number {
  const raw = new SqliteDatabase(file);
  try {
    return Number(raw.prepare("delete from session").run().changes);
  } finally {
    raw.close();
  }
}

/** Moves a database with its write-ahead log, which a damaged one may still have. */
async function moveDatabase(from: string, to: string): Promise<void> {
  for (const suffix of ["", "-wal"]) {
    if (existsSync(`${from}${suffix}`)) await rename(`${from}${suffix}`, `${to}${suffix}`);
  }
  await rm(`${from}-shm`, { force: true });
}
