import type { LogEvent, RoomChanges } from "@multichat/protocol";
import type { Kysely } from "kysely";
import { uuidv7 } from "uuidv7";
import type { By, StoredRoom } from "../store.ts";
import type { RoomRow, Tables } from "./tables.ts";
import { tell, type WriteContext } from "./write-context.ts";

export function toRoom(row: RoomRow): StoredRoom {
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    topic: row.topic,
    staffOnly: row.staff_only === 1,
    archived: row.archived_at !== null,
    lastSeq: row.last_seq,
    createdAt: row.created_at,
    rights: row.rights,
  };
}

/** Every room that is not deleted, by number. */
export async function allRooms(db: Kysely<Tables>): Promise<StoredRoom[]> {
  const rows = await db.selectFrom("room").selectAll().where("deleted_at", "is", null).orderBy("number").execute();
  return rows.map(toRoom);
}

export async function liveRoom(db: Kysely<Tables>, { id }: { id: string }): Promise<StoredRoom | undefined> {
  const row = await db
    .selectFrom("room")
    .selectAll()
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return row && toRoom(row);
}

export async function createRoom(
  context: WriteContext,
  { room, by }: { room: { title: string; topic?: string; staffOnly?: boolean }; by: By },
): Promise<{ room: StoredRoom; event: LogEvent }> {
  const { db, now } = context;
  // Deleted rooms keep their rows, so the highest number is the highest that was ever given.
  const last = await db
    .selectFrom("room")
    .select((e) => e.fn.max("number").as("number"))
    .executeTakeFirst();
  const row: RoomRow = {
    id: uuidv7(),
    number: (last?.number ?? 0) + 1,
    title: room.title,
    topic: room.topic ?? "",
    staff_only: room.staffOnly === true ? 1 : 0,
    archived_at: null,
    deleted_at: null,
    created_by: by?.id ?? null,
    created_at: now,
    last_seq: 1,
    rights: 1,
  };
  await db.insertInto("room").values(row).execute();
  await logRoomEvent(context, row.id, 1, "room.created", by, null);
  await tell(context, { kind: "room", room: row.id });
  return { room: toRoom(row), event: { on: "room.created", room: row.id, seq: 1, by } };
}

export async function changeRoom(
  context: WriteContext,
  { id, changes, by }: { id: string; changes: RoomChanges; by: By },
): Promise<{ room: StoredRoom; event?: LogEvent } | undefined> {
  const { db, now } = context;
  const before = await liveRoom(db, { id });
  if (before === undefined) return undefined;
  const real = realChanges(before, changes);
  if (Object.keys(real).length === 0) return { room: before };
  const row = await db
    .updateTable("room")
    .set((e) => ({
      last_seq: e("last_seq", "+", 1),
      ...(real.title === undefined ? {} : { title: real.title }),
      ...(real.topic === undefined ? {} : { topic: real.topic }),
      ...(real.staffOnly === undefined ? {} : { staff_only: real.staffOnly ? 1 : 0 }),
      ...(real.archived === undefined ? {} : { archived_at: real.archived ? now : null }),
      ...(real.staffOnly === undefined && real.archived === undefined ? {} : { rights: e("rights", "+", 1) }),
    }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await logRoomEvent(context, id, row.last_seq, "room.changed", by, real);
  await tell(context, { kind: "room", room: id });
  return { room: toRoom(row), event: { on: "room.changed", room: id, seq: row.last_seq, by, changes: real } };
}

/** Leaves a tombstone: the row keeps the number from being given again, and the log stays. */
export async function deleteRoom(context: WriteContext, { id }: { id: string; by: By }): Promise<boolean> {
  const { db, now } = context;
  const row = await db
    .updateTable("room")
    .set((e) => ({ deleted_at: now, rights: e("rights", "+", 1) }))
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (row === undefined) return false;
  await tell(context, { kind: "room", room: id });
  return true;
}

function realChanges(room: StoredRoom, changes: RoomChanges): RoomChanges {
  return {
    ...(changes.title !== undefined && changes.title !== room.title ? { title: changes.title } : {}),
    ...(changes.topic !== undefined && changes.topic !== room.topic ? { topic: changes.topic } : {}),
    ...(changes.staffOnly !== undefined && changes.staffOnly !== room.staffOnly
      ? { staffOnly: changes.staffOnly }
      : {}),
    ...(changes.archived !== undefined && changes.archived !== room.archived ? { archived: changes.archived } : {}),
  };
}

async function logRoomEvent(
  context: WriteContext,
  room: string,
  seq: number,
  kind: "room.created" | "room.changed",
  by: By,
  changes: RoomChanges | null,
): Promise<void> {
  await context.db
    .insertInto("event")
    .values({
      room,
      seq,
      kind,
      actor: by?.id ?? null,
      actor_name: by?.username ?? null,
      message: null,
      data: changes === null ? null : JSON.stringify(changes),
      at: context.now,
    })
    .execute();
  context.tails.set(room, seq);
  await tell(context, { kind: "log", room, seq });
}
