import { OPERATOR } from "../access/operator.ts";
import { auditSource } from "../accounts/audit-source.ts";
import type { Config } from "../config/config.ts";
import {
  type CopyProgress,
  type CopyResult,
  type CopySource,
  type CopyTarget,
  copyChat,
} from "../store/copy/copy-chat.ts";
import { openSqliteSource, openSqliteTarget } from "../store/sqlite/maintenance/copy-ends.ts";
import type { NewAuditEntry } from "../store/store.ts";
import { StoreError } from "../store/store-error.ts";
import { describeDatabase, loadPostgres, type MigrationProgress, migrateDatabase } from "./databases.ts";

export type { Receipt } from "../store/copy/receipt.ts";
export type { CopyResult };

export type DatabasePlace = Pick<Config, "databaseFile" | "postgresUrl">;

export interface CopyRequest extends CopyProgress, Pick<MigrationProgress, "onIndexing"> {
  readonly from: DatabasePlace;
  readonly to: DatabasePlace;
}

/**
 * Copies a chat from one database into another, empty one; see `copyChat`. Then indexes its messages for the search.
 *
 * @throws StoreError with what the operator has to fix.
 */
export async function copyDatabaseTo({ from, to, onIndexing, ...progress }: CopyRequest): Promise<CopyResult> {
  if (from.postgresUrl === to.postgresUrl && (from.postgresUrl !== null || from.databaseFile === to.databaseFile)) {
    throw new StoreError("cannot-open", "expected two databases, got the same one as source and target");
  }
  const result = await copyBetween(from, to, progress);
  if (result.differences.length === 0) await migrateDatabase(to, onIndexing === undefined ? {} : { onIndexing });
  return result;
}

async function copyBetween(from: DatabasePlace, to: DatabasePlace, progress: CopyProgress): Promise<CopyResult> {
  const source = await openSource(from);
  try {
    const target = await openTarget(to);
    try {
      return await copyChat(source, target, { ...progress, toEntry: ({ rows }) => toEntry(from, to, rows) });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

function toEntry(from: DatabasePlace, to: DatabasePlace, rows: number): NewAuditEntry {
  const details = { from: describeDatabase(from), rows };
  return {
    ...auditSource(OPERATOR),
    action: "database.copy",
    outcome: "success",
    target: describeDatabase(to),
    details,
  };
}

async function openSource({ databaseFile, postgresUrl }: DatabasePlace): Promise<CopySource> {
  if (postgresUrl === null) return openSqliteSource(databaseFile);
  return (await loadPostgres()).openPostgresSource({ url: postgresUrl });
}

async function openTarget({ databaseFile, postgresUrl }: DatabasePlace): Promise<CopyTarget> {
  if (postgresUrl === null) return openSqliteTarget(databaseFile);
  return (await loadPostgres()).openPostgresTarget({ url: postgresUrl });
}
