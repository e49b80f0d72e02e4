import type { RunStatement } from "./postgres-connection.ts";

/**
 * Advisory locks, by their numbers. They belong to a schema, because a database can hold several chats: a lock's number is a hash
 * of both names.
 */
export type LockName = "write" | "server";

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
