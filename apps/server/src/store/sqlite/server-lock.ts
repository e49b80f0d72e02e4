import { StoreError } from "../store-error.ts";
import { prepareDatabaseFile, resolveOnlyName } from "./database-files.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { toStoreError } from "./sqlite-errors.ts";

/** How long a server waits for the previous one, which may still be closing. */
const WAIT_MS = 3_000;
const RETRY_INTERVAL_MS = 100;

export interface ServerLock {
  /**
   * Runs an upgrade while no other server has the database.
   *
   * @returns undefined where another server, which started at the same moment, has upgraded it meanwhile.
   * @throws StoreError `busy`: another server has it, which works with an older schema.
   */
  runAlone<Result>(upgrade: Upgrade<Result>): Promise<Result | undefined>;
  /**
   * For a server without Redis that is being replaced: lets its successor have the database beside it.
   *
   * @throws StoreError `busy`: a third server has taken it.
   */
  share(): Promise<void>;
  /**
   * Takes the database for this server alone again. Resolves when no other server has it, or the lock was released.
   *
   * @throws StoreError `busy`: a third server has taken it.
   */
  reclaim(): Promise<void>;
  release(): Promise<void>;
}

export interface Upgrade<Result> {
  readonly run: () => Promise<Result>;
  /** Whether nobody has done it yet. */
  readonly isNeeded: () => boolean;
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
    runAlone: async ({ run, isNeeded }) => {
      if (!shared) return run();
      const isAlone = await lock.take({ shared: false }, describeOlderServer(file), isNeeded);
      const result = isAlone && isNeeded() ? await run() : undefined;
      await takeOwn();
      return result;
    },
    share: async () => {
      await lock.take({ shared: true }, describeConflict(file, { shared: false }));
    },
    reclaim: () => lock.reclaim(describeConflict(file, { shared: false })),
    release: async () => lock.close(),
  };
}

/**
 * Runs an upgrade while no server has the database.
 *
 * @returns undefined where another process has upgraded it meanwhile.
 * @throws StoreError `busy`: a server has it.
 */
export async function runWithoutServers<Result>(
  file: string,
  { run, isNeeded }: Upgrade<Result>,
  { waitMs = WAIT_MS }: Pick<ServerLockOptions, "waitMs"> = {},
): Promise<Result | undefined> {
  const lock = await openLock(file, waitMs);
  try {
    const isAlone = await lock.take({ shared: false }, describeOlderServer(file), isNeeded);
    return isAlone && isNeeded() ? await run() : undefined;
  } finally {
    lock.close();
  }
}

/**
 * Locks a database for a restore, which replaces the file. A server that starts meanwhile waits, and is then refused.
 *
 * @param file its path without symbolic links
 * @throws StoreError `busy`: a server has it, or another process copies, upgrades or restores it.
 */
export async function lockForRestore(file: string): Promise<Pick<ServerLock, "release">> {
  const lock = await openLockFile(nameLock(file), 0);
  await lock.take(
    { shared: false },
    `expected no server on ${file} while it is restored, but one is running, or it is being copied, upgraded or restored: stop the server first`,
  );
  return { release: async () => lock.close() };
}

interface OpenLock {
  /**
   * In place of what it holds. Closes the lock where it is busy for too long.
   *
   * @param isNeeded false ends the wait. @default always needed
   * @returns whether it was taken
   * @throws StoreError.
   */
  take(mode: { readonly shared: boolean }, busyMessage: string, isNeeded?: () => boolean): Promise<boolean>;
  /** In place of a shared one, as soon as no other server has it. @throws StoreError. */
  reclaim(busyMessage: string): Promise<void>;
  close(): void;
}

async function openLock(file: string, waitMs: number): Promise<OpenLock> {
  await prepareDatabaseFile(file);
  return openLockFile(nameLock(await resolveOnlyName(file)), waitMs);
}

function nameLock(file: string): string {
  return `${file}.server-lock`;
}

async function openLockFile(path: string, waitMs: number): Promise<OpenLock> {
  await prepareDatabaseFile(path);
  const raw = new SqliteDatabase(path, { busyTimeoutMs: 0 });
  let isClosed = false;
  const close = () => {
    isClosed = true;
    raw.close();
  };
  const fail = (error: unknown, busyMessage: string): never => {
    close();
    const failure = toStoreError(error);
    if (failure.code === "corrupt") throw new StoreError("cannot-open", describeNoLock(path), { cause: error });
    if (failure.code !== "busy") throw failure;
    throw new StoreError("busy", busyMessage, { cause: error });
  };
  return {
    take: async (mode, busyMessage, isNeeded = () => true) => {
      try {
        return await retryWhileBusy(() => takeLock(raw, mode), { waitMs, isNeeded });
      } catch (error) {
        return fail(error, busyMessage);
      }
    },
    reclaim: async (busyMessage) => {
      try {
        while (!isClosed && !tryToReclaim(raw)) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS).unref());
        }
      } catch (error) {
        fail(error, busyMessage);
      }
    },
    close,
  };
}

/** The transaction stays open until the connection closes. A read holds SQLite's shared lock. */
function takeLock(raw: SqliteDatabase, { shared }: { readonly shared: boolean }): void {
  // An earlier one, or that of the last attempt, whose read failed.
  if (raw.inTransaction) raw.exec("rollback");
  raw.exec(shared ? "begin; select count(*) from sqlite_schema" : "begin exclusive");
}

/** Returns false where another server has the lock too; then it is still held, in one turn, so that no third one can take it. */
function tryToReclaim(raw: SqliteDatabase): boolean {
  try {
    takeLock(raw, { shared: false });
    return true;
  } catch (error) {
    if (toStoreError(error).code !== "busy") throw error;
    takeLock(raw, { shared: true });
    return false;
  }
}

interface WaitPolicy {
  readonly waitMs: number;
  readonly isNeeded: () => boolean;
}

/** Returns false where it is not needed any more. */
async function retryWhileBusy(attempt: () => void, { waitMs, isNeeded }: WaitPolicy): Promise<boolean> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    try {
      attempt();
      return true;
    } catch (error) {
      if (toStoreError(error).code !== "busy") throw error;
      if (!isNeeded()) return false;
      if (performance.now() >= endsAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
  }
}

function describeConflict(file: string, { shared }: { readonly shared: boolean }): string {
  return shared
    ? `expected the other server on ${file} to use Redis too, but it runs without REDIS_URL, or the database is being copied, upgraded or restored. Stop it, set REDIS_URL to the same Redis for both, and start both.`
    : `expected no other server on ${file}, but one is running, or the database is being copied, upgraded or restored. Stop it, give this one a DATA_DIR of its own, or set REDIS_URL to the same Redis for both servers.`;
}

function describeOlderServer(file: string): string {
  return `expected no server on ${file} while its schema is upgraded to this version, but one of an older version is running, whose writes would fail, or another one is upgrading it. Stop every server of an older version, wait for an upgrade to end, then try again.`;
}

/** Nothing is ever written to the file of the lock, so something else has. */
function describeNoLock(path: string): string {
  return `expected an empty file at ${path}, got something else. The servers of a database only lock it, and the database is another file: stop every server on it, remove this one, then try again.`;
}
