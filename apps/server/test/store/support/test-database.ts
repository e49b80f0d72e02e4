import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { BackgroundErrorListener } from "../../../src/store/background-errors.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { ChatStore } from "../../../src/store/store.ts";

/** A database that the tests of the contract can run on. */
export interface TestDatabase {
  /** Returns where a new, empty database is, such as the path of its file. */
  create(): Promise<string>;
  remove(place: string): Promise<void>;
  open(place: string, options?: OpenOptions): Promise<ChatStore>;
  /** Whether it connects several servers, which then need no Redis. */
  readonly connectsServers: boolean;
  /** The variables of a server, and where its database is, which `prepare` creates. */
  variables(dataDir: string): Readonly<Record<string, string>>;
  prepare(dataDir: string): Promise<void>;
  /** Runs a statement beside the store, and returns its rows. Names with capitals have to be in double quotes. */
  execute(place: string, sql: string): Promise<readonly unknown[]>;
  /** Returns the names of its tables, without those of the full-text index. */
  tables(place: string): Promise<readonly string[]>;
  /** Makes the database refuse rows of a table. @returns a function that ends it. */
  failInserts(place: string, insert: FailingInsert): Promise<() => Promise<unknown>>;
}

export interface FailingInsert {
  readonly table: string;
  /** A condition on the row, `new`. @default every row */
  readonly where?: string;
}

export interface OpenOptions {
  readonly maxBatchSize?: number;
  readonly onBackgroundError?: BackgroundErrorListener;
}

export const SQLITE: TestDatabase = {
  create: async () => join(await mkdtemp(join(tmpdir(), "multichat-store-")), "chat.db"),
  remove: (place) => rm(join(place, ".."), { recursive: true, force: true }),
  open: (file, options) => openSqliteStore({ pollIntervalMs: 20, ...options, file }),
  connectsServers: false,
  variables: () => ({}),
  prepare: async () => {},
  execute: async (file, sql) => {
    const raw = new DatabaseSync(file, { timeout: 5_000 });
    try {
      return raw.prepare(sql).all();
    } finally {
      raw.close();
    }
  },
  tables: async (file) => {
    const sql = "select name from sqlite_master where type = 'table' and name not like 'message_search%'";
    return ((await SQLITE.execute(file, sql)) as { name: string }[]).map(({ name }) => name);
  },
  failInserts: async (file, { table, where = "true" }) => {
    const sql = `create trigger injected after insert on ${table} when ${where} begin select raise(abort, 'injected'); end`;
    await SQLITE.execute(file, sql);
    return () => SQLITE.execute(file, "drop trigger injected");
  },
};

let chosen = SQLITE;
let isUsed = false;

/** The database that the tests of this process run on; SQLite, unless another one was chosen before they were imported. */
export function testDatabase(): TestDatabase {
  isUsed = true;
  return chosen;
}

/** @throws Error when a test of this process runs on another one already. */
export function chooseDatabase(database: TestDatabase): void {
  if (isUsed && chosen !== database) throw new Error("expected a database to be chosen before the first test uses one");
  chosen = database;
}
