import { existsSync } from "node:fs";
import { basename } from "node:path";
import { OPERATOR } from "../access/operator.ts";
import { auditSource } from "../accounts/audit-source.ts";
import { copyDatabase } from "../store/sqlite/maintenance/copy.ts";
import { recordInFile } from "../store/sqlite/maintenance/record-entry.ts";
import { type RestoreRequest, type RestoreResult, restoreSqlite } from "../store/sqlite/maintenance/restore.ts";
import type { NewAuditEntry } from "../store/store.ts";
import { StoreError } from "../store/store-error.ts";

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
