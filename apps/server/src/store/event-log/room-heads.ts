import type { ReadContext } from "../database/dialect.ts";
import { prepared } from "../database/prepared.ts";

/** What the next message of a room depends on. */
export interface RoomHead {
  readonly accessVersion: number;
  readonly isArchived: boolean;
  readonly isInSlowMode: boolean;
  lastSeq: number;
}

const DEFAULT_MAX_ROOMS = 10_000;

export interface RoomHeadsOptions {
  /** Rooms that are remembered; with more, all of them are forgotten. @default 10_000 */
  readonly maxRooms?: number;
}

const selectHead = prepared<
  { room: string },
  { last_seq: number; access_version: number; archived_at: number | null; slow_mode: number }
>((db, param) =>
  db
    .selectFrom("room")
    .select(["last_seq", "access_version", "archived_at", "slow_mode"])
    .where("id", "=", param("room"))
    .where("deleted_at", "is", null),
);

const updateLastSeq = prepared<{ room: string; last_seq: number }, never>((db, param) =>
  db
    .updateTable("room")
    .set({ last_seq: param("last_seq") })
    .where("id", "=", param("room")),
);

/**
 * Gives messages their seq without a statement for each: a room's row is read once, and written once per transaction. It is a
 * copy of rows that only the holder of the writers' lock may change, so the writer has to
 *
 * 1. `store` it before any other operation reads or changes a room, and before the commit;
 * 2. `forget` it after any operation that changes rooms in another way, after a rollback of any kind, and when another
 *    process has written since its last transaction.
 *
 * The database stays the truth: forgetting costs one read per room, and nothing else.
 */
export class RoomHeads {
  readonly #heads = new Map<string, RoomHead>();
  /** The rooms whose new seq is not written yet. */
  readonly #moved = new Map<string, RoomHead>();
  readonly #maxRooms: number;

  constructor({ maxRooms = DEFAULT_MAX_ROOMS }: RoomHeadsOptions = {}) {
    this.#maxRooms = maxRooms;
  }

  /** Returns the head of a room that exists. */
  async find(context: ReadContext, room: string): Promise<RoomHead | undefined> {
    const known = this.#heads.get(room);
    if (known !== undefined) return known;
    const [row] = await selectHead(context, { room });
    if (row === undefined) return undefined;
    const head = {
      accessVersion: row.access_version,
      isArchived: row.archived_at !== null,
      isInSlowMode: row.slow_mode > 0,
      lastSeq: row.last_seq,
    };
    if (this.#heads.size >= this.#maxRooms) {
      await this.store(context);
      this.#heads.clear();
    }
    this.#heads.set(room, head);
    return head;
  }

  /** Takes the next seq of a room, which `find` returned in this transaction. */
  advance(room: string, head: RoomHead): void {
    head.lastSeq += 1;
    this.#moved.set(room, head);
  }

  /** Writes the seqs that were taken. */
  async store(context: ReadContext): Promise<void> {
    for (const [room, { lastSeq }] of this.#moved) await updateLastSeq(context, { room, last_seq: lastSeq });
    this.#moved.clear();
  }

  forget(): void {
    this.#heads.clear();
    this.#moved.clear();
  }
}
