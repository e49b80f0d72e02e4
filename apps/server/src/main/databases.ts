import type { Config } from "../config/config.ts";
import type { Logger } from "../observability/logging.ts";
import type { CleanupStack } from "../process/cleanup-stack.ts";
import type { BackgroundErrorListener } from "../store/background-errors.ts";
import { closePermissions } from "../store/sqlite/database-files.ts";
import { inspectSqlite } from "../store/sqlite/maintenance/inspect.ts";
import { lockForServer } from "../store/sqlite/server-lock.ts";
import { migrate, openSqliteStore } from "../store/sqlite/sqlite-store.ts";
import type { ChatStore } from "../store/store.ts";

// The choice of the database. Postgres and its driver are loaded only where they are chosen.

type DatabaseConfig = Pick<Config, "databaseFile" | "postgresUrl">;

interface ServerStoreParts {
  readonly logger: Logger;
  /** Takes the steps that close what is opened. */
  readonly cleanup: CleanupStack;
  /** Whether another server still has the database, which this one replaces. */
  readonly isSuccessor: boolean;
}

/** Whether a server that is alone on its database lets another one have it, during a hand-over. */
export interface DatabaseSharing {
  /**
   * Resolves when the other server can open the database, and every later commit is recorded for it.
   *
   * @returns false where nothing can be written, so that this server has to stay alone.
   * @throws StoreError: a third server has taken the database.
   */
  start(): Promise<boolean>;
  /** Resolves when this server is alone again. @throws StoreError: a third server has taken the database. */
  end(): Promise<void>;
}

interface ServerStore {
  readonly store: ChatStore;
  /** undefined where several servers can have the database at any time. */
  readonly sharing: DatabaseSharing | undefined;
}

/**
 * Opens the database of a server, which it shares with those that Redis or Postgres connects with it.
 *
 * @throws StoreError with what the operator has to fix.
 */
export async function openServerStore(
  config: DatabaseConfig & Pick<Config, "redisUrl">,
  parts: ServerStoreParts,
): Promise<ServerStore> {
  const hasRedis = config.redisUrl !== null;
  const { databaseFile, postgresUrl } = config;
  const opened =
    postgresUrl === null
      ? await openSqliteOfServer(databaseFile, { ...parts, hasRedis })
      : { store: await openPostgresOfServer(postgresUrl, { ...parts, hasRedis }), sharing: undefined };
  parts.cleanup.defer(() => opened.store.close());
  return opened;
}

async function openSqliteOfServer(
  file: string,
  { hasRedis, logger, cleanup, isSuccessor }: ServerStoreParts & { readonly hasRedis: boolean },
): Promise<ServerStore> {
  const isShared = hasRedis || isSuccessor;
  const lock = await lockForServer(file, { shared: isShared });
  cleanup.defer(() => lock.release());
  for (const closed of await closePermissions(file)) {
    logger.warn(closed, "closed the permissions of a database file that other accounts could open");
  }
  const onMigrating = (step: object) => logger.info(step, "migrating the database");
  const options = { file, isShared, onMigrating, onBackgroundError: logBackgroundErrors(logger) };
  const store = await openSqliteStore(options, lock);
  if (hasRedis) return { store, sharing: undefined };
  return {
    store,
    sharing: {
      start: async () => {
        await lock.share();
        try {
          await store.setShared(true);
          return true;
        } catch {
          await lock.reclaim();
          return false;
        }
      },
      end: async () => {
        await lock.reclaim();
        await store.setShared(false);
      },
    },
  };
}

async function openPostgresOfServer(
  url: string,
  { hasRedis, logger, cleanup }: ServerStoreParts & { readonly hasRedis: boolean },
): Promise<ChatStore> {
  const { lockPostgresForServer, openPostgresStore } = await loadPostgres();
  // Another process has the database for itself: it copies or upgrades it, or its servers are connected in another way. What this
  // one acknowledged now could be missing there, so it ends at once; its clients reconnect to another server.
  const onLost = (err: Error): void => {
    logger.fatal({ err }, "lost the lock of the database to another process; the server ends");
    process.exit(1);
  };
  const lock = await lockPostgresForServer({ url }, { hasRedis, onLost });
  cleanup.defer(() => lock.release());
  return openPostgresStore({ url, onBackgroundError: logBackgroundErrors(logger) });
}

/** Logs why the store failed at what it does by itself. */
export function logBackgroundErrors(logger: Logger): BackgroundErrorListener {
  return (err, task) => logger.error({ err, task }, "failed to do background work on the database");
}

/** Opens the database of a command. A server can be running on it. @throws StoreError with what the operator has to fix. */
export async function openCommandStore({ databaseFile, postgresUrl }: DatabaseConfig): Promise<ChatStore> {
  if (postgresUrl === null) return openSqliteStore({ file: databaseFile });
  const { openPostgresStore } = await loadPostgres();
  return openPostgresStore({ url: postgresUrl });
}

export interface MigrationProgress {
  readonly onMigrating?: (step: { readonly schema: number; readonly last: number }) => void;
  readonly onIndexing?: (remaining: number) => void;
}

/**
 * Migrates the database. Returns the schema version before and after.
 *
 * @param progress `onMigrating` is called before each step, `onIndexing` from time to time with how many messages are still to be
 * indexed for search.
 */
export async function migrateDatabase(
  { databaseFile, postgresUrl }: DatabaseConfig,
  { onMigrating, onIndexing }: MigrationProgress = {},
): Promise<{ readonly from: number; readonly to: number }> {
  if (postgresUrl === null) {
    return migrate({ file: databaseFile, ...(onMigrating === undefined ? {} : { onMigrating }) }, onIndexing);
  }
  const { migratePostgres } = await loadPostgres();
  return migratePostgres({ url: postgresUrl }, onIndexing);
}

export interface DatabaseState {
  /** The number of the schema; 0: there is none yet. */
  readonly schema: number;
  /** The number of the schema that this version works with. */
  readonly supportedSchema: number;
  /** What the database itself finds wrong with its files; empty: they are intact, or it does not say. */
  readonly damage: readonly string[];
  readonly bytes: number;
  /** Messages that are not indexed for the search yet; a server indexes them in the background. */
  readonly unindexed: number;
  /** Of a database server. */
  readonly version?: string;
  /**
   * How far the clock of the database is ahead of this machine's, in milliseconds. Of a file, that of the machine that wrote to it
   * last, and only where it is ahead.
   */
  readonly clockAheadMs: number;
}

/**
 * Inspects a database without changing it.
 *
 * @returns undefined where there is none yet.
 * @throws StoreError where it cannot be used.
 */
export async function inspectDatabase({
  databaseFile,
  postgresUrl,
}: DatabaseConfig): Promise<DatabaseState | undefined> {
  if (postgresUrl === null) {
    const inspected = inspectSqlite(databaseFile);
    if (inspected.found === "nothing") return undefined;
    const { lastChangeAt, ...state } = inspected;
    return { ...state, clockAheadMs: Math.max(0, (lastChangeAt ?? 0) - Date.now()) };
  }
  const { inspectPostgres } = await loadPostgres();
  const { now, ...inspected } = await inspectPostgres({ url: postgresUrl });
  return inspected.schema === 0 ? undefined : { ...inspected, damage: [], clockAheadMs: now - Date.now() };
}

/** Returns where the database is, without a password. */
export function describeDatabase({ databaseFile, postgresUrl }: DatabaseConfig): string {
  if (postgresUrl === null) return databaseFile;
  const { hostname, port, pathname, searchParams } = new URL(postgresUrl);
  const host = hostname === "" ? (searchParams.get("host") ?? "localhost") : hostname;
  return `PostgreSQL ${host}${port === "" ? "" : `:${port}`}${pathname}`;
}

/** Loads the code of Postgres and its driver. */
export async function loadPostgres() {
  return import("../store/postgres/index.ts");
}
