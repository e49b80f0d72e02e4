import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { OPERATOR } from "../access/operator.ts";
import { auditSource } from "../accounts/audit-source.ts";
import { checkRestored, type RestoredCheck } from "../store/sqlite/maintenance/check-restored.ts";
import { copyDatabase } from "../store/sqlite/maintenance/copy.ts";
import { recordInFile } from "../store/sqlite/maintenance/record-entry.ts";
import { type RestoreRequest, type RestoreResult, restoreSqlite } from "../store/sqlite/maintenance/restore.ts";
import type { NewAuditEntry } from "../store/store.ts";
import { StoreError } from "../store/store-error.ts";
import { describeProblems, verifyFiles } from "./file-backups.ts";

export interface BackupResult {
  readonly bytes: number;
  /** Why the audit log does not contain the backup; undefined: it does. A full or damaged disk must not prevent a backup. */
  readonly unrecorded: string | undefined;
}

/**
 * Copies the database, which a server may have open, into a new file. The audit log has its entry before the copy gets its name.
 *
 * @throws StoreError with what the operator has to fix.
 */
export async function backupDatabase(file: string, to: string): Promise<BackupResult> {
  let unrecorded: string | undefined;
  try {
    const { bytes } = await copyDatabase(file, to, async (copied) => {
      unrecorded = await tryToRecord(file, operatorEntry("backup", "success", to, { bytes: copied.bytes }));
    });
    return { bytes, unrecorded };
  } catch (error) {
    await recordFailure(file, operatorEntry("backup", "failure", to, describeFailure(error)));
    throw error;
  }
}

/**
 * Replaces the database by a backup. The audit log of the restored database has the entry, with the head of the log that it
 * replaced: that log stays in the file that was moved aside.
 *
 * @throws StoreError with what the operator has to fix.
 */
export async function restoreDatabase({
  backup,
  file,
  replaceExisting,
}: Required<Pick<RestoreRequest, "backup" | "file" | "replaceExisting">>): Promise<RestoreResult> {
  try {
    return await restoreSqlite({
      backup,
      file,
      replaceExisting,
      toEntry: ({ sessions, previousFile, previousHead }) =>
        operatorEntry("restore", "success", backup, {
          sessions,
          ...(previousFile === undefined ? {} : { previousFile: basename(previousFile) }),
          ...(previousHead === undefined ? {} : { previousHead }),
        }),
    });
  } catch (error) {
    await recordFailure(file, operatorEntry("restore", "failure", backup, describeFailure(error)));
    throw error;
  }
}

export interface DrillRequest {
  /** A backup, or a folder whose latest file that ends in `.db` is one. */
  readonly path: string;
  /** Where the backup is restored, in a new folder that is removed afterwards. @default the system's temporary folder */
  readonly within?: string | undefined;
}

export interface DrillResult extends RestoredCheck {
  readonly backup: string;
  readonly bytes: number;
  /** When the backup was written, in milliseconds since 1970. */
  readonly writtenAt: number;
  /** Contents of files that are in the folder beside the backup. */
  readonly files: number;
  /** How long the restore took, and the check. */
  readonly restoreMs: number;
  readonly checkMs: number;
}

/**
 * Restores a backup as `restoreDatabase` does, into a temporary folder, and checks what is in it. Touches neither the backup nor
 * the database.
 *
 * @throws StoreError where it cannot be restored, or there is none.
 */
export async function drillRestore({ path, within = tmpdir() }: DrillRequest): Promise<DrillResult> {
  const backup = await findBackup(path);
  const { size: bytes, mtimeMs: writtenAt } = await stat(backup);
  const folder = await makeFolder(within, bytes);
  try {
    const file = join(folder, "multichat.db");
    const startedAt = performance.now();
    await restoreSqlite({ backup, file });
    const restoredAt = performance.now();
    const check = await checkRestored(file);
    const files = await verifyFiles(backup, file);
    const checkMs = performance.now() - restoredAt;
    const problems = [...check.problems, ...describeProblems(files)];
    return {
      ...check,
      problems,
      files: files.present,
      backup,
      bytes,
      writtenAt,
      restoreMs: restoredAt - startedAt,
      checkMs,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findBackup(path: string): Promise<string> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? await findLatest(path) : path;
  } catch (error) {
    throw asCannotOpen(error, `expected a backup, or a folder of them, at ${path}`);
  }
}

async function findLatest(folder: string): Promise<string> {
  let latest: { readonly file: string; readonly mtimeMs: number } | undefined;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".db")) continue;
    const file = join(folder, entry.name);
    const { mtimeMs } = await stat(file);
    if (latest === undefined || mtimeMs > latest.mtimeMs) latest = { file, mtimeMs };
  }
  if (latest === undefined)
    throw new StoreError("cannot-open", `expected a backup that ends in .db in ${folder}, found none`);
  return latest.file;
}

async function makeFolder(within: string, bytes: number): Promise<string> {
  try {
    await assertRoom(within, bytes);
    return await mkdtemp(join(within, "multichat-restore-drill-"));
  } catch (error) {
    throw asCannotOpen(error, `expected a folder that can be written to at ${within}`);
  }
}

/** Adds what was expected to the system's reason. */
function asCannotOpen(error: unknown, expected: string): StoreError {
  if (error instanceof StoreError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError("cannot-open", `${expected}; ${reason}`, { cause: error });
}

async function assertRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= 2 * bytes) return;
  throw new StoreError(
    "cannot-open",
    `expected twice the size of the backup (${bytes} bytes) free in ${folder}, got ${bavail * bsize}: choose another folder with --within`,
  );
}

type Details = NewAuditEntry["details"];

function operatorEntry(
  action: "backup" | "restore",
  outcome: NewAuditEntry["outcome"],
  target: string,
  details: Details,
): NewAuditEntry {
  return { ...auditSource(OPERATOR), action, outcome, target, details };
}

function describeFailure(error: unknown): Details {
  return { code: error instanceof StoreError ? error.code : "failed" };
}

/** Writes nothing to a damaged database: it may be all that is left. */
async function recordFailure(file: string, entry: NewAuditEntry): Promise<void> {
  if (existsSync(file) && entry.details.code !== "corrupt") await tryToRecord(file, entry);
}

/** Returns why the entry could not be added. */
async function tryToRecord(file: string, entry: NewAuditEntry): Promise<string | undefined> {
  try {
    const isRecorded = await recordInFile(file, entry);
    return isRecorded ? undefined : "the database is of an earlier version, without an audit log";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
