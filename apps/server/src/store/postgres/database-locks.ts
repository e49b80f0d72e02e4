import { setTimeout } from "node:timers/promises";
import type { RunStatement } from "./postgres-connection.ts";

/**
 * Advisory locks, by their numbers. They belong to a schema, because a database can hold several chats: a lock's number is a hash
 * of both names.
 */
export type LockName =
  /** See `FENCE_STATEMENT`. */
  | "write"
  /** Shared by all servers; for one process alone while it upgrades the schema. */
  | "server"
  /** Shared by the servers that Redis connects, and by those that only the database connects. */
  | "server with Redis"
  | "server without Redis"
  /** Held by the process that creates or upgrades the schema; others that start meanwhile wait for it. */
  | "upgrade";

/** Returns the number of a lock in the schema of the connection, as text: it has 64 bits. */
export async function lockNumber(connection: { run: RunStatement }, name: LockName): Promise<string> {
  const { rows } = await connection.run(
    "select hashtextextended('multichat ' || $1::text || ' ' || current_schema(), 0)::text as number",
    [name],
  );
  // One row, with this column.
  return (rows[0] as { number: string }).number;
}

/**
 * The fence of every transaction that writes: a transaction has it from its beginning until its commit can be seen. So they take
 * effect one after another, also those of several processes, and what they number (the seqs of a room, the ids of changes) is
 * committed in the order of the numbers: who has seen one never finds a smaller one later.
 */
export const FENCE_STATEMENT = "select pg_advisory_xact_lock($1::bigint)";

/** How long a lock is waited for that another process may be giving back. */
const WAIT_MS = 3_000;
const RETRY_INTERVAL_MS = 100;

interface LockAttempt {
  /** A query whose column `taken` says whether it took the lock `$1`. */
  readonly statement: string;
  readonly number: string;
  /** @default 3_000 */
  readonly waitMs?: number;
}

/** Takes a lock of the connection. Returns whether it could be taken in time. */
export async function tryLock(
  connection: { run: RunStatement },
  { statement, number, waitMs = WAIT_MS }: LockAttempt,
): Promise<boolean> {
  const endsAt = performance.now() + waitMs;
  for (;;) {
    const { rows } = await connection.run(statement, [number]);
    // One row, with this column.
    if ((rows[0] as { taken: number }).taken === 1) return true;
    if (performance.now() >= endsAt) return false;
    await setTimeout(RETRY_INTERVAL_MS);
  }
}
