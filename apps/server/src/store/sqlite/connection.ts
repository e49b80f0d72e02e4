import Database from "better-sqlite3";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import type { Tables } from "../database/tables.ts";

/** Statements kept prepared; the queries have a few hundred shapes at most, lists of names being the widest. */
const STATEMENTS = 500;

export interface Connection {
  readonly raw: Database.Database;
  readonly db: Kysely<Tables>;
}

export interface ConnectionOptions {
  readonly file: string;
  readonly readOnly: boolean;
  /** Milliseconds to wait for another process's lock. */
  readonly busyTimeoutMs: number;
}

/** Opens the file with the settings that the promises of the store rest on. */
export function connect({ file, readOnly, busyTimeoutMs }: ConnectionOptions): Connection {
  const raw = new Database(file, { timeout: busyTimeoutMs });
  try {
    raw.pragma("journal_mode = WAL");
    // In WAL mode only FULL syncs at every commit; NORMAL would lose the last commits with the power.
    raw.pragma("synchronous = FULL");
    raw.pragma("foreign_keys = ON");
    // After a burst the log shrinks again.
    raw.pragma("journal_size_limit = 67108864");
    raw.pragma("cache_size = -32000");
    raw.pragma("temp_store = MEMORY");
    if (readOnly) raw.pragma("query_only = ON");
  } catch (error) {
    raw.close();
    throw error;
  }
  const statements = new Map<string, SqliteStatement>();
  const prepare = (sql: string): SqliteStatement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = raw.prepare<unknown[]>(sql);
    if (statements.size >= STATEMENTS) {
      const oldest = statements.keys().next();
      if (!oldest.done) statements.delete(oldest.value);
    }
    statements.set(sql, statement);
    return statement;
  };
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: { prepare, close: () => raw.close() } }),
  });
  return { raw, db };
}
