import type { Author, LogEvent, Role } from "@multichat/protocol";
import type { Selectable } from "kysely";
import { uuidv7 } from "uuidv7";
import type { ActorRef } from "../actor-ref.ts";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { RoomRow } from "../database/tables.ts";
import { logEvent } from "../event-log/log-event.ts";
import { insertMember } from "../members/member-rows.ts";
import { directKey } from "./direct-key.ts";
import { toRoom } from "./find-rooms.ts";
import type { StoredRoom } from "./stored-room.ts";

const selectByClientKey = prepared<{ by: string; client_key: string }, Selectable<RoomRow>>((db, param) =>
  db.selectFrom("room").selectAll().where("created_by", "=", param("by")).where("client_key", "=", param("client_key")),
);

const selectByDirectKey = prepared<{ direct_key: string }, Selectable<RoomRow>>((db, param) =>
  db.selectFrom("room").selectAll().where("direct_key", "=", param("direct_key")),
);

export interface NewRoom {
  readonly title: string;
  readonly topic?: string;
  readonly staffOnly?: boolean;
  readonly private?: boolean;
  readonly clientId?: string;
  readonly by: ActorRef;
  /** For the audit log, where the room's own log does not say who created it. */
  readonly audit?: AuditSource | undefined;
}

export interface CreateRoomResult {
  readonly room: StoredRoom;
  /** In the order of their seq; empty where the room existed already. */
  readonly events: readonly LogEvent[];
}

export async function createRoom(context: WriteContext, room: NewRoom): Promise<CreateRoomResult> {
  const { by } = room;
  const client_key = by === null ? undefined : room.clientId;
  if (by !== null && client_key !== undefined) {
    const [existing] = await selectByClientKey(context, { by: by.id, client_key });
    if (existing !== undefined) return { room: await toRoom(context, existing), events: [] };
  }
  const row = {
    title: room.title,
    topic: room.topic ?? "",
    kind: room.private === true ? "private" : "open",
    staff_only: room.staffOnly === true ? 1 : 0,
    direct_key: null,
    client_key: client_key ?? null,
  };
  const created = await insertRoom(context, row, by, by === null ? [] : [[by, "owner"]]);
  const { audit } = room;
  if (audit !== undefined) {
    const { number, title, kind, staffOnly } = created.room;
    const details = { number, title, kind, staffOnly };
    await auditChange(context, { action: "room.create", target: created.room.id, details, by: audit });
  }
  return created;
}

/** Relies on writes that run one after another: of two people who open it at the same time, the second finds the room. */
export async function openDirectRoom(
  context: WriteContext,
  { by, other }: { by: Author; other: Author },
): Promise<CreateRoomResult> {
  const direct_key = directKey(by.id, other.id);
  const [existing] = await selectByDirectKey(context, { direct_key });
  if (existing !== undefined) return { room: await toRoom(context, existing), events: [] };
  const row = { title: "", topic: "", kind: "direct", staff_only: 0, direct_key, client_key: null };
  const people = by.id === other.id ? [by] : [by, other];
  return insertRoom(
    context,
    row,
    by,
    people.map((person) => [person, "member"]),
  );
}

async function insertRoom(
  context: WriteContext,
  room: Pick<RoomRow, "title" | "topic" | "kind" | "staff_only" | "direct_key" | "client_key">,
  by: ActorRef,
  members: readonly (readonly [Author, Role])[],
): Promise<CreateRoomResult> {
  const { db, now } = context;
  const row: Selectable<RoomRow> = {
    ...room,
    id: uuidv7(),
    number: (await highestNumber(context)) + 1,
    slow_mode: 0,
    archived_at: null,
    deleted_at: null,
    created_by: by?.id ?? null,
    created_at: now,
    last_seq: 1 + members.length,
    opened_seq: 0,
    unrestricted_seq: 0,
    access_version: 1,
  };
  const { id } = row;
  await db.insertInto("room").values(row).execute();
  await logEvent(context, { room: id, seq: 1, kind: "room.created", by, viaChangeFeed: true });
  const events: LogEvent[] = [{ on: "room.created", room: id, seq: 1, by }];
  for (const [user, role] of members) {
    const seq = events.length + 1;
    await insertMember(context, { room: id, user: user.id, user_name: user.username, role, since: now, seq });
    const event = { room: id, seq, kind: "member.joined", by, subject: user, data: { role } } as const;
    await logEvent(context, { ...event, viaChangeFeed: true });
    events.push({ on: "member.joined", room: id, seq, user, role, by });
  }
  await recordChange(context, { kind: "room", room: id });
  return { room: await toRoom(context, row), events };
}

/** Deleted rooms keep their rows, so no number is ever given twice. */
async function highestNumber({ db }: WriteContext): Promise<number> {
  const row = await db
    .selectFrom("room")
    .select((e) => e.fn.max("number").as("number"))
    .executeTakeFirst();
  return row?.number ?? 0;
}
