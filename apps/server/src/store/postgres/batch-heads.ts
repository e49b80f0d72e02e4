import type { RunStatement } from "./postgres-connection.ts";

/** A room, as posts and changes of messages need it. */
export interface BatchHead {
  readonly id: string;
  readonly access_version: number;
  readonly archived_at: number | null;
  readonly slow_mode: number;
  last_seq: number;
}

/** Returns the rooms that exist, by id. */
export async function readHeads(run: RunStatement, rooms: readonly string[]): Promise<ReadonlyMap<string, BatchHead>> {
  const { rows } = await run(
    `select id, access_version, archived_at, slow_mode, last_seq from room
     where id = any($1::text[]) and deleted_at is null`,
    [[...new Set(rooms)]],
  );
  // The columns of the statement.
  return new Map((rows as BatchHead[]).map((head) => [head.id, head]));
}

/** Takes the next seq of a room. The writers' lock serializes all who do. */
export function takeSeq(head: BatchHead | undefined): number {
  if (head === undefined) throw new Error("expected to take a seq only in a room that exists");
  head.last_seq += 1;
  return head.last_seq;
}
