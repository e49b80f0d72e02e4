import Database from "better-sqlite3";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import type { ReadContext } from "../database/context.ts";
import type { Tables } from "../database/tables.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

/** The queries have a few hundred shapes; lists of columns that vary have the most. */
const MAX_PREPARED_STATEMENTS = 500;

export interface Connection extends ReadContext {
  readonly raw: Database.Database;
}

export interface ConnectionOptions {
  readonly file: string;
  readonly readOnly: boolean;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs: number;
}

/** Opens the file with the settings on which the store's durability depends. */
export function connect({ file, readOnly, busyTimeoutMs }: ConnectionOptions): Connection {
  const raw = new Database(file, { timeout: busyTimeoutMs });
  try {
    raw.pragma("journal_mode = WAL");
    // In WAL mode only FULL syncs every commit; with NORMAL a power failure loses the last ones.
    raw.pragma("synchronous = FULL");
    raw.pragma("foreign_keys = ON");
    // Shrinks the write-ahead log again after a burst.
    raw.pragma("journal_size_limit = 67108864");
    raw.pragma("cache_size = -32000");
    raw.pragma("temp_store = MEMORY");
    if (readOnly) raw.pragma("query_only = ON");
  } catch (error) {
    raw.close();
    throw error;
  }
  const database = { prepare: cachePrepared(raw), close: () => raw.close() };
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
  return { raw, db, dialect: sqliteDialect };
}

/** Returns a function that prepares each statement once, and forgets the oldest beyond the limit. */
function cachePrepared(raw: Database.Database): (sql: string) => SqliteStatement {
  const statements = new Map<string, SqliteStatement>();
  return (sql) => {
    const cached = statements.get(sql);
    if (cached !== undefined) return cached;
    const statement = raw.prepare<unknown[]>(sql);
    if (statements.size >= MAX_PREPARED_STATEMENTS) {
      const oldest = statements.keys().next();
      if (!oldest.done) statements.delete(oldest.value);
    }
    statements.set(sql, statement);
    return statement;
  };
}
