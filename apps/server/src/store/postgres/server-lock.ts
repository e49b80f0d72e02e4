import { StoreError } from "../store-error.ts";
import { ConnectionSlot } from "./connection-slot.ts";
import { type LockName, lockNumber, tryLock } from "./database-locks.ts";
import { openConnection, prepareDatabase } from "./open-database.ts";
import { type PostgresStoreOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { toOperationError } from "./postgres-errors.ts";

/** How often the connection that holds the lock is checked. */
const CHECK_INTERVAL_MS = 1_000;

export interface PostgresServerLock {
  release(): Promise<void>;
}

interface ServerLockOptions {
  /** Whether Redis connects the servers on the database, or only the database itself does. */
  readonly hasRedis: boolean;
  /** Called when the lock was lost with its connection, and cannot be taken again. */
  readonly onLost: (error: StoreError) => void;
  /** @default 3_000 */
  readonly waitMs?: number;
}

/**
 * Locks the chat of a database for a server, together with the others that are connected in the same way: those with Redis know
 * nothing of the presence and typing of those without. Creates or upgrades the schema first, which nobody can do afterwards. The
 * database releases the lock when the process ends in any way. After a lost connection the server takes it again. Commands do
 * not take it.
 *
 * @throws StoreError `busy`: a server is connected in the other way, or upgrades the schema; see `prepareDatabase`.
 */
export async function lockPostgresForServer(
  options: PostgresStoreOptions,
  { hasRedis, onLost, waitMs }: ServerLockOptions,
): Promise<PostgresServerLock> {
  const resolved = resolveOptions(options);
  await prepareDatabase(resolved);
  const slot = new ConnectionSlot(() => openLocked(resolved, { hasRedis, waitMs }));
  await slot.connect();
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    try {
      await slot.connect();
      await slot.run("select 1");
    } catch (error) {
      const failure = toOperationError(error);
      if (failure.code === "busy") onLost(failure);
      slot.discard();
    }
  };
  const timer = setInterval(() => {
    checking ??= check().finally(() => {
      checking = undefined;
    });
  }, CHECK_INTERVAL_MS);
  return {
    release: async () => {
      clearInterval(timer);
      await slot.close();
      await checking;
    },
  };
}

const LOCK_SHARED = "select pg_try_advisory_lock_shared($1::bigint) as taken";
/** Takes no lock, but finds out whether it is free: only for a moment, so that two servers can start at once. */
const IS_FREE = "select pg_try_advisory_lock($1::bigint) and pg_advisory_unlock($1::bigint) as taken";

async function openLocked(
  options: ResolvedOptions,
  { hasRedis, waitMs }: { readonly hasRedis: boolean; readonly waitMs: number | undefined },
) {
  const connection = await openConnection(options, "lock");
  const attempt = async (name: LockName, statement: string): Promise<boolean> => {
    const number = await lockNumber(connection, name);
    return tryLock(connection, { statement, number, ...(waitMs === undefined ? {} : { waitMs }) });
  };
  const [own, other] = hasRedis
    ? (["server with Redis", "server without Redis"] as const)
    : (["server without Redis", "server with Redis"] as const);
  try {
    if (!(await attempt("server", LOCK_SHARED))) throw new StoreError("busy", UPGRADE);
    if (!(await attempt(own, LOCK_SHARED)) || !(await attempt(other, IS_FREE))) {
      throw new StoreError("busy", describeConflict({ hasRedis }));
    }
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

const UPGRADE =
  "expected nobody to upgrade the schema of this PostgreSQL database now, but another process does: wait for its end, and start the newest version.";

function describeConflict({ hasRedis }: { readonly hasRedis: boolean }): string {
  const [own, other] = hasRedis ? ["with", "without"] : ["without", "with"];
  return `expected the other servers on this PostgreSQL database to run ${own} REDIS_URL like this one, but one runs ${other} it. Give all of them the same REDIS_URL, or none of them any.`;
}

/**
 * Locks the chat of a database on a connection, which no server can have meanwhile. The lock ends with the connection.
 *
 * @throws StoreError `busy`: a server has the database, or another process has locked it.
 */
export async function lockPostgresAlone(slot: Pick<ConnectionSlot, "run">): Promise<void> {
  const statement = "select pg_try_advisory_lock($1::bigint) as taken";
  if (await tryLock(slot, { statement, number: await lockNumber(slot, "server") })) return;
  throw new StoreError(
    "busy",
    "expected no server on the PostgreSQL database, but one is running, or it is being copied or upgraded: stop every server first",
  );
}
