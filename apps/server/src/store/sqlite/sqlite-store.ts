import { SqliteAdapter, SqliteQueryCompiler } from "kysely";
import { uuidv7 } from "uuidv7";
import { BackgroundErrors } from "../background-errors.ts";
import { ChangeDispatcher } from "../change-feed/change-dispatcher.ts";
import { createStore } from "../create-store.ts";
import type { OperationKind } from "../database/operation.ts";
import { bindOperations, type StoreOperations } from "../operations.ts";
import type { StatementLanguage } from "../people/statement-dialect.ts";
import { RoomCache } from "../rooms/room-cache.ts";
import type { ChatStore } from "../store.ts";
import { prepareDatabaseFile, resolveOnlyName } from "./database-files.ts";
import { copyDatabase } from "./maintenance/copy.ts";
import { readSchemaOf } from "./maintenance/inspect.ts";
import { type MigrationResult, SCHEMA_VERSION } from "./migrations/migrate-schema.ts";
import { type ResolvedOptions, resolveOptions, type SqliteStoreOptions } from "./options.ts";
import { runWithoutServers, type ServerLock } from "./server-lock.ts";
import { SessionLookup } from "./session-lookup.ts";
import { Searcher } from "./threads/searcher.ts";
import { startWorker } from "./threads/start-worker.ts";

/** What an upgrade without a server indexes in one transaction. */
const MIGRATION_BATCH = { maxMessages: 500, maxChars: 100_000 } as const;

const SQLITE_LANGUAGE: StatementLanguage = {
  createQueryCompiler: () => new SqliteQueryCompiler(),
  createAdapter: () => new SqliteAdapter(),
};

/** The store, with the accounts and a backup. */
export interface Database extends ChatStore {
  /** Copies the database as it is now into a new file, while calls continue; see `copyDatabase`. */
  backup(to: string): Promise<{ readonly bytes: number }>;
  /**
   * Changes whether other servers have the database open (`isShared` of the options). Resolves when every later commit is
   * recorded for them.
   */
  setShared(isShared: boolean): Promise<void>;
}

/**
 * Opens the database, upgrades its schema, and starts a thread that writes and one that reads.
 *
 * @param lock that of the server whose store it is; a command has none.
 * @throws StoreError `newer`: the file is of a newer version; `busy`: it has to be upgraded and a server is running;
 * `cannot-open`, `readonly`, `corrupt`: see the message.
 */
export async function openSqliteStore(
  options: SqliteStoreOptions,
  lock?: Pick<ServerLock, "runAlone">,
): Promise<Database> {
  const resolved = await prepareFile(options);
  await upgradeIfOlder(resolved, lock);
  const origin = uuidv7();
  const rooms = new RoomCache();
  const backgroundErrors = new BackgroundErrors(resolved.onBackgroundError);
  const onBackgroundError: BackgroundErrors["report"] = (task, error) => backgroundErrors.report(task, error);
  const { onMigrating } = resolved;
  const writer = startWorker(resolved, {
    role: "writer",
    origin,
    onMigrating,
    onBackgroundError,
    onOwnChanges: (changes) => dispatcher.dispatchOwn(changes),
  });
  // Both load their code at the same time; the reader opens the file after the writer has upgraded it.
  const reader = startWorker(resolved, {
    role: "reader",
    origin,
    onBackgroundError,
    onChanges: (page) => dispatcher.dispatch(page),
  });
  const searcher = new Searcher(resolved, origin);
  const threads = { read: reader, search: searcher, write: writer } satisfies Record<OperationKind, unknown>;
  const operations = bindOperations((kind, name, args) => threads[kind].call(name, args));
  const dispatcher = new ChangeDispatcher(operations, rooms, backgroundErrors);
  let sessions: SessionLookup | undefined;
  try {
    const { epoch } = await writer.open();
    await reader.open();
    const lookup = new SessionLookup(resolved.file);
    sessions = lookup;
    for (const room of await operations.roomLoads.list()) rooms.upsert(room);
    const store = createStore({
      epoch,
      operations,
      rooms,
      dispatcher,
      poll: () => reader.poll(),
      language: SQLITE_LANGUAGE,
      findSession: async ({ tokenHash }) => {
        const session = lookup.find(tokenHash);
        // A signed-in user is there, who may search.
        if (session !== undefined) searcher.warmUp();
        return session === "unavailable" ? operations.people.findSession({ tokenHash }) : session;
      },
      releaseMemory: () => {
        reader.releaseMemory();
        writer.releaseMemory();
      },
      close: async () => {
        lookup.close();
        await searcher.close();
        // The readers first: the last connection that closes folds the write-ahead log into the file.
        await reader.close();
        await writer.close();
      },
    });
    return {
      ...store,
      backup: (to) => copyDatabase(resolved.file, to),
      setShared: async (isShared) => {
        writer.setShared(isShared);
        // A transaction under way may have begun before. The one of this call begins after it has ended.
        if (isShared) await operations.maintenance.trimChanges();
      },
    };
  } catch (error) {
    sessions?.close();
    await Promise.all([reader.close(), writer.close()]);
    throw error;
  }
}

/**
 * Upgrades a database and closes it again. Messages that are not indexed are indexed too, which a server does in the
 * background.
 *
 * @param onIndexing called from time to time with how many messages are still to be indexed.
 */
export async function migrate(
  options: SqliteStoreOptions,
  onIndexing?: (remaining: number) => void,
): Promise<MigrationResult> {
  return withWriter(options, async ({ maintenance }, migrated) => {
    // Counted once: it takes longer than to index some.
    let remaining = await maintenance.countUnindexed();
    for (let hasMore = remaining > 0; hasMore; ) {
      const result = await maintenance.indexSome(MIGRATION_BATCH);
      remaining -= result.indexed;
      hasMore = result.hasMore;
      if (hasMore) onIndexing?.(remaining);
    }
    return migrated;
  });
}

/**
 * Gives a database a new epoch. Every restored backup needs one, because clients may have seen more than it holds.
 * Servers that have the database open keep the old epoch until they restart.
 */
export async function renewEpoch(options: SqliteStoreOptions): Promise<string> {
  return withWriter(options, ({ maintenance }) => maintenance.renewEpoch());
}

/** Opens a database for writes alone, and closes it afterwards. */
async function withWriter<Result>(
  options: SqliteStoreOptions,
  work: (operations: StoreOperations, migrated: MigrationResult) => Promise<Result>,
): Promise<Result> {
  const resolved = await prepareFile(options);
  const upgraded = await upgradeIfOlder(resolved);
  return withOpenWriter(resolved, (operations, migrated) => work(operations, upgraded ?? migrated));
}

async function withOpenWriter<Result>(
  resolved: ResolvedOptions,
  work: (operations: StoreOperations, migrated: MigrationResult) => Promise<Result>,
): Promise<Result> {
  const { onMigrating } = resolved;
  const writer = startWorker(resolved, { role: "writer", origin: uuidv7(), onMigrating });
  const { migrated } = await writer.open();
  try {
    return await work(
      bindOperations((_, name, args) => writer.call(name, args)),
      migrated,
    );
  } finally {
    await writer.close();
  }
}

/** Upgrades a database of an older version while no server has it. A server of that version could no longer write to it. */
async function upgradeIfOlder(
  resolved: ResolvedOptions,
  lock?: Pick<ServerLock, "runAlone">,
): Promise<MigrationResult | undefined> {
  const isNeeded = () => (readSchemaOf(resolved.file) ?? SCHEMA_VERSION) < SCHEMA_VERSION;
  if (!isNeeded()) return undefined;
  const upgrade = { isNeeded, run: () => withOpenWriter(resolved, async (_, migrated) => migrated) };
  return lock === undefined ? runWithoutServers(resolved.file, upgrade) : lock.runAlone(upgrade);
}

async function prepareFile(options: SqliteStoreOptions): Promise<ResolvedOptions> {
  const resolved = resolveOptions(options);
  await prepareDatabaseFile(resolved.file);
  return { ...resolved, file: await resolveOnlyName(resolved.file) };
}
