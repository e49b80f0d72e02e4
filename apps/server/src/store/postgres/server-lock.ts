import { setTimeout } from "node:timers/promises";
import { StoreError } from "../store-error.ts";
import { ConnectionSlot } from "./connection-slot.ts";
import { lockNumber } from "./database-locks.ts";
import { openConnection } from "./open-database.ts";
import { type PostgresStoreOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { toOperationError } from "./postgres-errors.ts";

/** How long a server waits for the previous one, which may still be closing. */
const WAIT_MS = 3_000;
const RETRY_INTERVAL_MS = 100;
/** How often the connection that holds the lock is checked. */
const CHECK_INTERVAL_MS = 1_000;

export interface PostgresServerLock {
  release(): Promise<void>;
}

interface ServerLockOptions {
  /** Whether other servers can share the database, because Redis connects them. */
  readonly shared: boolean;
  /** Called when the lock was lost with its connection and another server has it now. */
  readonly onLost: (error: StoreError) => void;
  /** @default 3_000 */
  readonly waitMs?: number;
}

/**
 * Locks the chat of a database for a server: for it alone, or shared with the other servers on the same Redis. Without Redis, two
 * servers would be two chats on one database: presence, typing and limits of one are unknown to the other. The database releases
 * the lock when the process ends in any way. After a lost connection the server takes it again. Commands do not take it.
 *
 * @throws StoreError `busy`: another server has the database; `unreachable`, `cannot-open`.
 */
export async function lockPostgresForServer(
  options: PostgresStoreOptions,
  { shared, onLost, waitMs = WAIT_MS }: ServerLockOptions,
): Promise<PostgresServerLock> {
  const slot = new ConnectionSlot(() => openLocked(resolveOptions(options), { shared, waitMs }));
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

async function openLocked(
  options: ResolvedOptions,
  { shared, waitMs }: Required<Pick<ServerLockOptions, "shared" | "waitMs">>,
) {
  const connection = await openConnection(options, "lock");
  try {
    const number = await lockNumber(connection, "server");
    const statement = `select pg_try_advisory_lock${shared ? "_shared" : ""}($1::bigint) as taken`;
    const endsAt = performance.now() + waitMs;
    for (;;) {
      const { rows } = await connection.run(statement, [number]);
      // One row, with this column.
      if ((rows[0] as { taken: number }).taken === 1) return connection;
      if (performance.now() >= endsAt) throw new StoreError("busy", describeConflict({ shared }));
      await setTimeout(RETRY_INTERVAL_MS);
    }
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function describeConflict({ shared }: { readonly shared: boolean }): string {
  return shared
    ? "expected the other server on this PostgreSQL database to use Redis too, but it runs without REDIS_URL. Stop it, set REDIS_URL to the same Redis for both, and start both."
    : "expected no other server on this PostgreSQL database, but one is running. Stop it, give this one a database of its own, or set REDIS_URL to the same Redis for both servers.";
}
