import { StoreError } from "../store-error.ts";
import { prepareDatabaseFile } from "./database-files.ts";
import { SqliteDatabase } from "./sqlite-database.ts";
import { toStoreError } from "./sqlite-errors.ts";

/** How long a server waits for the previous one, which may still be closing. */
const WAIT_MS = 3_000;
const RETRY_INTERVAL_MS = 100;

export interface ServerLock {
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
 * file beside the database, so the system releases it when the process ends in any way. Commands do not take it.
 *
 * @throws StoreError `busy`: another server has the database.
 */
export async function lockForServer(
  file: string,
  { shared, waitMs = WAIT_MS }: ServerLockOptions,
): Promise<ServerLock> {
  const path = `${file}.server-lock`;
  await prepareDatabaseFile(path);
  const raw = new SqliteDatabase(path, { busyTimeoutMs: 0 });
  try {
    await retryWhileBusy(() => takeLock(raw, { shared }), waitMs);
  } catch (error) {
    raw.close();
    const failure = toStoreError(error);
    if (failure.code !== "busy") throw failure;
    throw new StoreError("busy", describeConflict(file, { shared }), { cause: error });
  }
  return { release: async () => void raw.close() };
}

/** The transaction stays open until the connection closes. A read holds SQLite's shared lock. */
function takeLock(raw: SqliteDatabase, { shared }: { readonly shared: boolean }): void {
  // Of the last attempt, whose read failed.
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
    ? `expected the other server on ${file} to use Redis too, but it runs without REDIS_URL. Stop it, set REDIS_URL to the same Redis for both, and start both.`
    : `expected no other server on ${file}, but one is running. Stop it, give this one a DATA_DIR of its own, or set REDIS_URL to the same Redis for both servers.`;
}
