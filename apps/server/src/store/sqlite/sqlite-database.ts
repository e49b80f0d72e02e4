import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

// The one file that knows the driver: Node's own SQLite. A native addon in worker threads can crash the process when a
// thread ends (its code is unloaded, its finalizers run); here the code is part of Node. See docs/reliability.md.

/** What a statement takes, and what a column holds. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface RunResult {
  /** Rows that the statement inserted, changed or deleted. */
  readonly changes: number | bigint;
  readonly lastInsertRowid: number | bigint;
}

export interface DatabaseOptions {
  /** Fails where the file is missing. @default false */
  readonly readOnly?: boolean;
  /** How long a statement waits for another connection's lock. @default 5_000 */
  readonly busyTimeoutMs?: number;
}

const DEFAULT_BUSY_TIMEOUT_MS = 5_000;
/**
 * What SQLite advises for files that may be damaged, or come from elsewhere (https://sqlite.org/security.html): a page is
 * checked when it is read, and the schema runs no function that could do harm. Beside it `defensive`, and no memory mapping.
 */
const PRECAUTIONS = "pragma cell_size_check = on; pragma trusted_schema = off; pragma mmap_size = 0";

/** A connection to a database file. Every call runs on the calling thread until SQLite is done. */
export class SqliteDatabase {
  readonly #raw: DatabaseSync;

  /** @throws an error with a result code (see `resultCode`) where the file cannot be opened. */
  constructor(file: string, { readOnly = false, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS }: DatabaseOptions = {}) {
    // An absolute path is never taken for a URI (`file:…`), which the driver would accept.
    const path = resolve(file);
    if (readOnly) rollBackInterrupted(path, busyTimeoutMs);
    this.#raw = new DatabaseSync(path, { readOnly, timeout: busyTimeoutMs, defensive: true });
    this.#raw.exec(PRECAUTIONS);
  }

  get inTransaction(): boolean {
    return this.#raw.isTransaction;
  }

  /** Runs statements without parameters; rows are discarded. */
  exec(sql: string): void {
    this.#raw.exec(sql);
  }

  /** Prepares a statement, for running it many times. It is valid until the database is closed. */
  prepare<Params extends readonly SqlValue[] = SqlValue[], Row = unknown>(sql: string): Statement<Params, Row> {
    return new Statement(this.#raw.prepare(sql));
  }

  /** Finalizes every statement and closes the file. A repeated call does nothing. */
  close(): void {
    if (this.#raw.isOpen) this.#raw.close();
  }
}

/**
 * Rolls back what a crash or a power cut has left of a transaction outside of WAL mode, in the first start or after a restore.
 * A connection that may write does so when it opens the file; one that only reads may not, and is refused.
 */
function rollBackInterrupted(path: string, busyTimeoutMs: number): void {
  // Opened for writing, a missing file would be created.
  if (!existsSync(`${path}-journal`) || !existsSync(path)) return;
  const raw = new DatabaseSync(path, { timeout: busyTimeoutMs, defensive: true });
  try {
    raw.exec(PRECAUTIONS);
    raw.prepare("select count(*) from sqlite_schema").get();
  } finally {
    raw.close();
  }
}

/** A prepared statement. */
export class Statement<Params extends readonly SqlValue[] = SqlValue[], Row = unknown> {
  readonly #raw: StatementSync;
  readonly #columns: readonly string[];

  constructor(raw: StatementSync) {
    this.#raw = raw;
    this.#columns = raw.columns().map(({ name }) => name);
    // Rows of the driver's own are objects in dictionary mode, which are slow to create and to read.
    raw.setReturnArrays(true);
  }

  /** Whether it returns rows. */
  get isReader(): boolean {
    return this.#columns.length > 0;
  }

  run(...parameters: Params): RunResult {
    return this.#raw.run(...parameters);
  }

  /** Returns the first row. */
  get(...parameters: Params): Row | undefined {
    // The driver's types know only rows as objects; with `setReturnArrays` they are arrays.
    const values = this.#raw.get(...parameters) as unknown as readonly SqlValue[] | undefined;
    return values === undefined ? undefined : this.#toRow(values);
  }

  /** Returns every row. */
  all(...parameters: Params): Row[] {
    // Arrays, as in `get`.
    const rows = this.#raw.all(...parameters) as unknown as readonly (readonly SqlValue[])[];
    return rows.map((values) => this.#toRow(values));
  }

  #toRow(values: readonly SqlValue[]): Row {
    const row: Record<string, SqlValue> = {};
    for (let index = 0; index < values.length; index += 1) row[this.#columns[index] ?? ""] = values[index] ?? null;
    // The caller's own assumption: the columns of its SQL.
    return row as Row;
  }
}

/** Returns SQLite's extended result code of an error of the driver; undefined: another error. */
export function resultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
}
