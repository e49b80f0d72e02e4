import { existsSync } from "node:fs";
import { open, realpath, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { NewAuditEntry } from "../../audit/audit-log.ts";
import { createFolder, syncToDisk } from "../../durable-names.ts";
import { StoreError } from "../../store-error.ts";
import { resolveOnlyName } from "../database-files.ts";
import {
  findSecondNames,
  keepLogs,
  moveAside,
  namePrevious,
  nameStaged,
  removeDatabase,
  removeLogs,
  undoMoveAside,
} from "../previous-database.ts";
import { lockForRestore } from "../server-lock.ts";
import { SqliteDatabase } from "../sqlite-database.ts";
import { toStoreError } from "../sqlite-errors.ts";
import { renewEpoch } from "../sqlite-store.ts";
import { copyDatabase } from "./copy.ts";
import { findDamage, inspectSqlite } from "./inspect.ts";
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
 * been copied beside it, checked and upgraded. All sessions end. Nobody else can have the database from the beginning to the end; a
 * process that is killed leaves the previous one or the restored one, or the previous one with a second name, which nobody opens
 * until it is restored again.
 *
 * @throws StoreError `corrupt`, `newer`: of the backup; `busy`: another process has the database open; `cannot-open`: there is a
 * database already, or no backup, or a file cannot be created.
 */
export async function restoreSqlite({
  backup,
  file,
  replaceExisting = false,
  toEntry,
}: RestoreRequest): Promise<RestoreResult> {
  checkBackup(backup);
  try {
    const { target, isNew } = await prepareTarget(file);
    if ((await realpath(backup)) === target) {
      throw new StoreError("cannot-open", `expected a backup, got the database itself: ${target}`);
    }
    const lock = await lockForRestore(target);
    try {
      for (const second of await findSecondNames(target)) await undoMoveAside(target, second);
      await resolveOnlyName(target);
      const claim = claimDatabase(target);
      try {
        if (!claim.isEmpty && !replaceExisting) {
          throw new StoreError("cannot-open", `expected no database at ${target}: allow it to be replaced, or move it`);
        }
        return await replaceDatabase(target, { backup, claim, toEntry });
      } catch (error) {
        if (isNew && claim.isEmpty) await rm(target, { force: true });
        throw error;
      } finally {
        claim.raw?.close();
      }
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw toStoreError(error);
  }
}

/**
 * Creates the folder, and an empty database where there is none, so that there is a file to lock. Returns its path behind a symbolic
 * link, as it is opened: the link may lead to another disk.
 */
async function prepareTarget(file: string): Promise<{ readonly target: string; readonly isNew: boolean }> {
  const path = resolve(file);
  const isNew = !existsSync(path);
  if (isNew) {
    await createFolder(dirname(path));
    await keepLogs(path, namePrevious(path));
    // Also behind a link that leads to nothing.
    await (await open(path, "a", 0o600)).close();
  }
  return { target: await realpath(path), isNew };
}

interface Claim {
  /** Holds the database, so that not even a command can open it; undefined: it is damaged, and cannot be held. */
  readonly raw: SqliteDatabase | undefined;
  readonly isEmpty: boolean;
}

interface Replacement extends Pick<RestoreRequest, "backup"> {
  readonly toEntry: RestoreRequest["toEntry"] | undefined;
  readonly claim: Claim;
}

// While the claim is held, nothing in this process may open and close the file but SQLite: that would end its locks.
async function replaceDatabase(target: string, { backup, claim, toEntry }: Replacement): Promise<RestoreResult> {
  const staged = nameStaged(target);
  const previousFile = claim.isEmpty ? undefined : namePrevious(target);
  try {
    // Of a restore that was killed: SQLite would apply its log to this backup.
    await removeStaged(staged);
    await copyDatabase(backup, staged);
    const epoch = await renewEpoch({ file: staged });
    const sessions = endAllSessions(staged);
    const previousHead = claim.raw && readAuditHead(claim.raw);
    // In the file that becomes the database: neither is ever there without the other.
    if (toEntry !== undefined) await recordInFile(staged, toEntry({ sessions, previousFile, previousHead }));
    finishStaged(staged);
    await syncToDisk(staged);
    if (previousFile === undefined) await removeLogs(target);
    else await moveAside(target, previousFile);
    // Windows replaces no open file.
    if (process.platform === "win32") claim.raw?.close();
    await rename(staged, target);
    await syncToDisk(dirname(target));
    // Of the upgrade of an older backup.
    await removeStaged(staged);
    return { epoch, previousFile };
  } catch (error) {
    if (previousFile !== undefined) await undoMoveAside(target, previousFile);
    await removeStaged(staged);
    throw error;
  }
}

async function removeStaged(staged: string): Promise<void> {
  await removeDatabase(staged);
  await removeDatabase(`${staged}.server-lock`);
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

/**
 * Folds the write-ahead log into the file, which succeeds only where no other process has it open, and locks the file. A process
 * that waits for the lock until the file was replaced fails (`SQLITE_READONLY_DBMOVED`), because it is not in WAL mode and not empty.
 */
function claimDatabase(file: string): Claim {
  const raw = new SqliteDatabase(file, { busyTimeoutMs: 0 });
  try {
    raw.exec("pragma journal_mode = DELETE");
    // Writes the first page, which an empty file does not have.
    if (readNumber(raw, "page_count") === 0) raw.exec("pragma application_id = 0");
    raw.exec("begin exclusive");
    const [{ journal_mode: mode } = { journal_mode: "" }] = raw
      .prepare<[], { journal_mode: string }>("pragma journal_mode")
      .all();
    if (mode !== "delete") throw new StoreError("busy", "another process has opened it meanwhile");
    const tables = raw.prepare<[], { count: number }>("select count(*) as count from sqlite_schema").get();
    return { raw, isEmpty: tables?.count === 0 };
  } catch (error) {
    raw.close();
    const failure = toStoreError(error);
    // Replacing a damaged database is what a backup is for.
    if (failure.code === "corrupt") return { raw: undefined, isEmpty: false };
    if (failure.code !== "busy") throw failure;
    throw new StoreError(
      "busy",
      `another process has ${file} open: stop the server first, and every worker and command`,
      { cause: error },
    );
  }
}

function readNumber(raw: SqliteDatabase, pragma: "page_count"): number {
  const row = raw.prepare<[], Record<string, number>>(`pragma ${pragma}`).get();
  return row?.[pragma] ?? 0;
}

/** Makes it one file, and checks what has become of the copy. */
function finishStaged(staged: string): void {
  const raw = new SqliteDatabase(staged);
  try {
    raw.exec("pragma journal_mode = DELETE");
    const damage = findDamage(raw);
    if (damage.length > 0) throw new StoreError("corrupt", `the restored copy is damaged: ${damage.join("; ")}`);
  } finally {
    raw.close();
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
