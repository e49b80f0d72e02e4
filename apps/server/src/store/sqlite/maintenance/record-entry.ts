import { uuidv7 } from "uuidv7";
import { appendAudit, type NewAuditEntry } from "../../audit/audit-log.ts";
import { type Connection, connect } from "../connection.ts";
import type { SqliteDatabase } from "../sqlite-database.ts";

const BUSY_TIMEOUT_MS = 5_000;

/**
 * Adds an entry to the audit log of a database that a server may have open. Does not upgrade its schema: an older server would
 * no longer understand it. Returns false where the schema has no audit log yet.
 */
export async function recordInFile(file: string, entry: NewAuditEntry): Promise<boolean> {
  const connection = connect({ file, readOnly: false, busyTimeoutMs: BUSY_TIMEOUT_MS });
  const { raw } = connection;
  try {
    if (!hasAuditLog(connection)) return false;
    raw.exec("begin immediate");
    await appendAudit({ ...connection, origin: uuidv7(), now: Date.now() }, entry);
    raw.exec("commit");
    return true;
  } catch (error) {
    if (raw.inTransaction) raw.exec("rollback");
    throw error;
  } finally {
    raw.close();
  }
}

/** Returns `<number>:<hash>` of the last entry; undefined where there is none, or the file is damaged. */
export function readAuditHead(raw: SqliteDatabase): string | undefined {
  try {
    if (!hasAuditLog({ raw })) return undefined;
    const last = raw.prepare<[], { n: number; hash: string }>("select n, hash from audit order by n desc limit 1");
    const row = last.get();
    return row && `${row.n}:${row.hash}`;
  } catch {
    return undefined;
  }
}

function hasAuditLog({ raw }: Pick<Connection, "raw">): boolean {
  return raw.prepare("select 1 from sqlite_master where name = 'audit'").get() !== undefined;
}
