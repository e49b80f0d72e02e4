import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import type { ReadContext } from "../database/context.ts";
import type { Statement } from "../database/statement.ts";
import type { Tables } from "../database/tables.ts";
import { SqliteDatabase, type SqlValue } from "./sqlite-database.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";

/** The queries have a few hundred shapes; lists of columns that vary have the most. */
const MAX_PREPARED_STATEMENTS = 500;

/**
 * Pages of the write-ahead log, of 4 KB, after which it is copied into the file. Posts change the same few pages again and
 * again: four times SQLite's own number copies and syncs each of them a fourth as often.
 */
const CHECKPOINT_PAGES = 4_000;

export interface Connection extends ReadContext {
  readonly raw: SqliteDatabase;
}

export interface ConnectionOptions {
  readonly file: string;
  readonly readOnly: boolean;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs: number;
  /** Whether no other process can have the file open, not even to read. @default false */
  readonly isExclusive?: boolean;
}

/** Opens the file with the settings on which the store's durability depends. */
export function connect({ file, readOnly, busyTimeoutMs, isExclusive = false }: ConnectionOptions): Connection {
  const raw = new SqliteDatabase(file, { busyTimeoutMs });
  try {
    // Before the first read, which takes the lock then.
    if (isExclusive) raw.exec("pragma locking_mode = EXCLUSIVE");
    // In WAL mode only FULL syncs every commit; with NORMAL a power failure loses the last ones.
    // `journal_size_limit` shrinks the write-ahead log again after a burst.
    raw.exec(`
      pragma journal_mode = WAL;
      pragma synchronous = FULL;
      pragma foreign_keys = ON;
      pragma journal_size_limit = 67108864;
      pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};
      pragma cache_size = -32000;
      pragma temp_store = MEMORY`);
    if (readOnly) raw.exec("pragma query_only = ON");
  } catch (error) {
    raw.close();
    throw error;
  }
  const db = new Kysely<Tables>({ dialect: createDialect(raw) });
  return { raw, db, dialect: sqliteDialect, prepare: (sql) => prepareStatement(raw, sql) };
}

/** Returns what the query builder needs to run on the database. */
export function createDialect(raw: SqliteDatabase): SqliteDialect {
  return new SqliteDialect({ database: { prepare: cachePrepared(raw), close: () => raw.close() } });
}

/** Prepares a statement that is run without the query builder. */
function prepareStatement(raw: SqliteDatabase, sql: string): Statement {
  const statement = raw.prepare(sql);
  if (statement.isReader) return { run: (parameters) => statement.all(...toSqlValues(parameters)) };
  return {
    run: (parameters) => {
      statement.run(...toSqlValues(parameters));
      return [];
    },
  };
}

/** Returns a function that prepares each statement once, and forgets the oldest beyond the limit. */
function cachePrepared(raw: SqliteDatabase): (sql: string) => SqliteStatement {
  const statements = new Map<string, SqliteStatement>();
  return (sql) => {
    const cached = statements.get(sql);
    if (cached !== undefined) return cached;
    const statement = prepare(raw, sql);
    if (statements.size >= MAX_PREPARED_STATEMENTS) {
      const oldest = statements.keys().next();
      if (!oldest.done) statements.delete(oldest.value);
    }
    statements.set(sql, statement);
    return statement;
  };
}

/** Prepares a statement for the query builder, which passes parameters as one array. */
function prepare(raw: SqliteDatabase, sql: string): SqliteStatement {
  const statement = raw.prepare(sql);
  return {
    reader: statement.isReader,
    all: (parameters) => statement.all(...toSqlValues(parameters)),
    run: (parameters) => statement.run(...toSqlValues(parameters)),
    iterate: (parameters) => statement.all(...toSqlValues(parameters)).values(),
  };
}

/** A missing value is NULL. The driver refuses every other type that SQLite does not know. */
function toSqlValues(parameters: readonly unknown[]): SqlValue[] {
  return parameters.map((value) => (value === undefined ? null : (value as SqlValue)));
}
