import type { Author, LogEvent, Role, RoomPatch } from "@multichat/protocol";
import { uuidv7 } from "uuidv7";
import { recordChange, type WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { RoomRow } from "../database/tables.ts";
import { logEvent } from "../event-log/log-event.ts";
import { putMember } from "../members/member-rows.ts";
import type { ActorRef, StoredRoom } from "../store.ts";
import { directKey } from "./direct-key.ts";
import { liveRoom, toRoom } from "./room-rows.ts";

const rowOfClient = prepared<{ by: string; client_key: string }, RoomRow>((db, hole) =>
  db.selectFrom("room").selectAll().where("created_by", "=", hole("by")).where("client_key", "=", hole("client_key")),
);

const rowOfPair = prepared<{ direct_key: string }, RoomRow>((db, hole) =>
  db.selectFrom("room").selectAll().where("direct_key", "=", hole("direct_key")),
);

type Created = { readonly room: StoredRoom; readonly events: readonly LogEvent[] };

export async function createRoom(
  context: WriteContext,
  {
    room,
    by,
  }: {
    room: { title: string; topic?: string; staffOnly?: boolean; private?: boolean; clientId?: string };
    by: ActorRef;
  },
): Promise<Created> {
  const { db } = context;
  const client_key = by === null ? undefined : room.clientId;
  if (by !== null && client_key !== undefined) {
    const [made] = await rowOfClient(db, { by: by.id, client_key });
    if (made !== undefined) return { room: await toRoom(db, made), events: [] };
  }
  return insertRoom(
    context,
    {
      title: room.title,
      topic: room.topic ?? "",
      kind: room.private === true ? "private" : "open",
      staff_only: room.staffOnly === true ? 1 : 0,
      direct_key: null,
      client_key: client_key ?? null,
    },
    by,
    by === null ? [] : [[by, "owner"]],
  );
}

/** In the writers' one line: of two that open it at the same time, the second finds it. */
export async function openDirect(
  context: WriteContext,
  { one, other }: { one: Author; other: Author },
): Promise<Created> {
  const direct_key = directKey(one.id, other.id);
  const [there] = await rowOfPair(context.db, { direct_key });
  if (there !== undefined) return { room: await toRoom(context.db, there), events: [] };
  return insertRoom(
    context,
    { title: "", topic: "", kind: "direct", staff_only: 0, direct_key, client_key: null },
    one,
    one.id === other.id
      ? [[one, "member"]]
      : [
          [one, "member"],
          [other, "member"],
        ],
  );
}

async function insertRoom(
  context: WriteContext,
  room: Pick<RoomRow, "title" | "topic" | "kind" | "staff_only" | "direct_key" | "client_key">,
  by: ActorRef,
  members: readonly (readonly [Author, Role])[],
): Promise<Created> {
  const { db, now } = context;
  // Deleted rooms keep their rows, so the highest number is the highest that was ever given.
  const last = await db
    .selectFrom("room")
    .select((e) => e.fn.max("number").as("number"))
    .executeTakeFirst();
  const row: RoomRow = {
    ...room,
    id: uuidv7(),
    number: (last?.number ?? 0) + 1,
    slow_mode: 0,
    archived_at: null,
    deleted_at: null,
    created_by: by?.id ?? null,
    created_at: now,
    last_seq: 1 + members.length,
    rights: 1,
  };
  const { id } = row;
  await db.insertInto("room").values(row).execute();
  await logEvent(context, { room: id, seq: 1, kind: "room.created", by, viaChangeFeed: true });
  const events: LogEvent[] = [{ on: "room.created", room: id, seq: 1, by }];
  for (const [user, role] of members) {
    const seq = events.length + 1;
    await putMember(db, { room: id, user: user.id, user_name: user.username, role, since: now, seq });
    await logEvent(context, {
      room: id,
      seq,
      kind: "member.joined",
      by,
      subject: user,
      data: { role },
      viaChangeFeed: true,
    });
    events.push({ on: "member.joined", room: id, seq, user, role, by });
  }
  await recordChange(context, { kind: "room", room: id });
  return { room: await toRoom(db, row), events };
}

export async function changeRoom(
  context: WriteContext,
  { id, changes, by }: { id: string; changes: RoomPatch; by: ActorRef },
): Promise<{ room: StoredRoom; event?: LogEvent } | undefined> {
  const { db, now } = context;
  const before = await liveRoom(db, { id });
  if (before === undefined) return undefined;
  const real = realChanges(before, changes);
  if (Object.keys(real).length === 0) return { room: before };
  const { title, topic, staffOnly, archived, kind, slowModeSeconds } = real;
  const lessRights = [staffOnly, archived, kind, slowModeSeconds].some((change) => change !== undefined);
  const row = await db
    .updateTable("room")
    .set((e) => ({
      last_seq: e("last_seq", "+", 1),
      ...(title === undefined ? {} : { title }),
      ...(topic === undefined ? {} : { topic }),
      ...(staffOnly === undefined ? {} : { staff_only: staffOnly ? 1 : 0 }),
      ...(archived === undefined ? {} : { archived_at: archived ? now : null }),
      ...(kind === undefined ? {} : { kind }),
      ...(slowModeSeconds === undefined ? {} : { slow_mode: slowModeSeconds }),
      ...(lessRights ? { rights: e("rights", "+", 1) } : {}),
    }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const seq = row.last_seq;
  await logEvent(context, { room: id, seq, kind: "room.changed", by, data: real, viaChangeFeed: true });
  await recordChange(context, { kind: "room", room: id });
  return { room: await toRoom(db, row), event: { on: "room.changed", room: id, seq, by, changes: real } };
}

/**
 * Leaves a tombstone: the row keeps the number from being given again, and the log stays. Two people whose conversation
 * was deleted may open another.
 */
export async function deleteRoom(context: WriteContext, { id }: { id: string; by: ActorRef }): Promise<boolean> {
  const { db, now } = context;
  const row = await db
    .updateTable("room")
    .set((e) => ({ deleted_at: now, direct_key: null, rights: e("rights", "+", 1) }))
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (row === undefined) return false;
  await recordChange(context, { kind: "room", room: id });
  return true;
}

/** What is another value than before. A direct conversation stays one. */
function realChanges(room: StoredRoom, changes: RoomPatch): RoomPatch {
  const { title, topic, staffOnly, archived, kind, slowModeSeconds } = changes;
  return {
    ...(title !== undefined && title !== room.title ? { title } : {}),
    ...(topic !== undefined && topic !== room.topic ? { topic } : {}),
    ...(staffOnly !== undefined && staffOnly !== room.staffOnly ? { staffOnly } : {}),
    ...(archived !== undefined && archived !== room.archived ? { archived } : {}),
    ...(kind !== undefined && kind !== room.kind && room.kind !== "direct" ? { kind } : {}),
    ...(slowModeSeconds !== undefined && slowModeSeconds !== room.slowModeSeconds ? { slowModeSeconds } : {}),
  };
}
