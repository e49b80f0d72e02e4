import { StoreError } from "../store-error.ts";
import { prepareDatabaseFile, resolveOnlyName } from "./database-files.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { toStoreError } from "./sqlite-errors.ts";

/** How long a server waits for the previous one, which may still be closing. */
const WAIT_MS = 3_000;
const RETRY_INTERVAL_MS = 100;

export interface ServerLock {
  /**
   * Runs work while no other server has the database.
   *
   * @throws StoreError `busy`: another server has it, which works with an older schema.
   */
  runAlone<Result>(work: () => Promise<Result>): Promise<Result>;
  release(): Promise<void>;
}

interface ServerLockOptions {
  /** Whether other servers can share the database, because Redis connects them. */
  readonly shared: boolean;
  /** @default 3_000 */
  readonly waitMs?: number;
}

/**
 * Locks a database for a server: for it alone, or shared with the other servers on the same Redis. Without Redis, two servers
 * would be two chats on one database: presence, typing and limits of one are unknown to the other. The lock is SQLite's on a
 * file beside the database, so the system releases it when the process ends in any way. Commands do not take it, except to
 * upgrade the schema, which a server of an older version could no longer write to.
 *
 * @throws StoreError `busy`: another server has the database; `cannot-open`: see `resolveOnlyName`.
 */
export async function lockForServer(
  file: string,
  { shared, waitMs = WAIT_MS }: ServerLockOptions,
): Promise<ServerLock> {
  const lock = await openLock(file, waitMs);
  const takeOwn = () => lock.take({ shared }, describeConflict(file, { shared }));
  await takeOwn();
  return {
    runAlone: async (work) => {
      if (!shared) return work();
      await lock.take({ shared: false }, describeOlderServer(file));
      const result = await work();
      await takeOwn();
      return result;
    },
    release: async () => lock.close(),
  };
}

/**
 * Runs work while no server has the database.
 *
 * @throws StoreError `busy`: one has it.
 */
export async function runWithoutServers<Result>(
  file: string,
  work: () => Promise<Result>,
  { waitMs = WAIT_MS }: Pick<ServerLockOptions, "waitMs"> = {},
): Promise<Result> {
  const lock = await openLock(file, waitMs);
  await lock.take({ shared: false }, describeOlderServer(file));
  try {
    return await work();
  } finally {
    lock.close();
  }
}

interface OpenLock {
  /** In place of what it holds. Closes the lock where it is busy for too long. @throws StoreError. */
  take(mode: { readonly shared: boolean }, busyMessage: string): Promise<void>;
  close(): void;
}

async function openLock(file: string, waitMs: number): Promise<OpenLock> {
  await prepareDatabaseFile(file);
  const path = `${await resolveOnlyName(file)}.server-lock`;
  await prepareDatabaseFile(path);
  const raw = new SqliteDatabase(path, { busyTimeoutMs: 0 });
  return {
    take: async (mode, busyMessage) => {
      try {
        await retryWhileBusy(() => takeLock(raw, mode), waitMs);
      } catch (error) {
        raw.close();
        const failure = toStoreError(error);
        if (failure.code !== "busy") throw failure;
        throw new StoreError("busy", busyMessage, { cause: error });
      }
    },
    close: () => raw.close(),
  };
}

/** The transaction stays open until the connection closes. A read holds SQLite's shared lock. */
function takeLock(raw: SqliteDatabase, { shared }: { readonly shared: boolean }): void {
  // An earlier one, or that of the last attempt, whose read failed.
  if (raw.inTransaction) raw.exec("rollback");
  raw.exec(shared ? "begin; select count(*) from sqlite_schema" : "begin exclusive");
}

async function retryWhileBusy(attempt: () => void, waitMs: number): Promise<void> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    try {
      attempt();
      return;
    } catch (error) {
      if (toStoreError(error).code !== "busy" || performance.now() >= endsAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
  }
}

function describeConflict(file: string, { shared }: { readonly shared: boolean }): string {
  return shared
    ? `expected the other server on ${file} to use Redis too, but it runs without REDIS_URL, or is upgrading the database. Stop it, set REDIS_URL to the same Redis for both, and start both.`
    : `expected no other server on ${file}, but one is running. Stop it, give this one a DATA_DIR of its own, or set REDIS_URL to the same Redis for both servers.`;
}

function describeOlderServer(file: string): string {
  return `expected no server on ${file} while its schema is upgraded to this version, but one of an older version is running, whose writes would fail. Stop every server on it, then try again.`;
}
