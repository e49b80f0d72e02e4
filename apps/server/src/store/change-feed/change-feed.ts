import type { Kysely } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { liveRoom } from "../rooms/room-rows.ts";
import type { StoreChange, StoredRoom } from "../store.ts";

/** How long a process may sleep and still hear of every single change. */
const KEPT_MS = 60 * 60 * 1000;
const READ_AT_ONCE = 1_000;

/** A row of the change table: a change for listeners, or how far a room's log has grown (for the list of rooms). */
export type ChangeNote = StoreChange | { readonly kind: "tail"; readonly room: string; readonly seq: number };

export interface ChangeFeedEntry {
  readonly note: ChangeNote;
  /** The room as it is now, with `kind` "room" and "member"; undefined where it is deleted. */
  readonly room?: StoredRoom | undefined;
}

export interface ChangeFeedPage {
  readonly last: number;
  readonly heard: readonly ChangeFeedEntry[];
  /** Changes were cleared away before this process had read them: whatever is cached may be wrong. */
  readonly missed: boolean;
  readonly more: boolean;
}

const changesAfter = prepared<{ last: number }, { id: number; origin: string; kind: string; data: string }>(
  (db, hole) =>
    db
      .selectFrom("change")
      .select(["id", "origin", "kind", "data"])
      .where("id", ">", hole("last"))
      .orderBy("id")
      .limit(READ_AT_ONCE),
);

export async function lastChangeId(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom("change")
    .select((e) => e.fn.max("id").as("id"))
    .executeTakeFirst();
  return row?.id ?? 0;
}

/** What other processes changed since the change `last`. */
export async function readChanges(
  db: Kysely<Tables>,
  { last, origin }: { last: number; origin: string },
): Promise<ChangeFeedPage> {
  const rows = await changesAfter(db, { last });
  const heard: ChangeFeedEntry[] = [];
  const rooms = new Map<string, StoredRoom | undefined>();
  for (const row of rows) {
    if (row.origin === origin) continue;
    const note = { ...JSON.parse(row.data), kind: row.kind } as ChangeNote;
    if (note.kind !== "room" && note.kind !== "member") {
      heard.push({ note });
      continue;
    }
    // Somebody who invites a hundred people changes one room a hundred times.
    if (!rooms.has(note.room)) rooms.set(note.room, await liveRoom(db, { id: note.room }));
    heard.push({ note, room: rooms.get(note.room) });
  }
  const first = rows[0];
  return {
    last: rows.at(-1)?.id ?? last,
    heard,
    missed: last > 0 && first !== undefined && first.id > last + 1,
    more: rows.length === READ_AT_ONCE,
  };
}

/** The changes of this process in the transaction that is about to be committed. */
export async function ownChanges(
  db: Kysely<Tables>,
  { last, origin }: { last: number; origin: string },
): Promise<{ last: number; changes: StoreChange[] }> {
  const changes: StoreChange[] = [];
  let seen = last;
  for (;;) {
    const rows = await changesAfter(db, { last: seen });
    for (const row of rows) {
      if (row.origin === origin && row.kind !== "tail") changes.push({ ...JSON.parse(row.data), kind: row.kind });
      seen = row.id;
    }
    if (rows.length < READ_AT_ONCE) return { last: seen, changes };
  }
}

const insertTail = prepared<{ origin: string; data: string; at: number }, never>((db, hole) =>
  db.insertInto("change").values({ origin: hole("origin"), kind: "tail", data: hole("data"), at: hole("at") }),
);

/** Tells the other processes how far the logs have grown, one row a room. */
export async function recordLogHeads({ db, origin, now, tails }: WriteContext): Promise<void> {
  for (const [room, seq] of tails) await insertTail(db, { origin, data: JSON.stringify({ room, seq }), at: now });
}

const insertTold = prepared<{ room: string; seq: number; at: number }, { seq: number }>((db, hole) =>
  db
    .insertInto("told")
    .values({ room: hole("room"), seq: hole("seq"), at: hole("at") })
    .onConflict((c) => c.doNothing())
    .returning("seq"),
);

/** True for the first that asks for this event of a log, whichever process it is. */
export async function claim({ db, now }: WriteContext, { room, seq }: { room: string; seq: number }): Promise<boolean> {
  return (await insertTold(db, { room, seq, at: now })).length > 0;
}

/** Clears away what every process has had time to read. */
export async function trimChanges({ db, now }: WriteContext): Promise<number> {
  const before = now - KEPT_MS;
  // An event is claimed after its change was written: no claim goes while somebody may still hear of the change.
  await db.deleteFrom("told").where("at", "<", before).execute();
  await db.deleteFrom("intent").where("at", "<", before).execute();
  const { numDeletedRows } = await db.deleteFrom("change").where("at", "<", before).executeTakeFirst();
  return Number(numDeletedRows);
}
