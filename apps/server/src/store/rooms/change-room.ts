import type { LogEvent, RoomPatch } from "@multichat/protocol";
import type { ActorRef } from "../actor-ref.ts";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { WriteContext } from "../database/context.ts";
import { logEvent } from "../event-log/log-event.ts";
import { changeSlowMode } from "../messages/append/slow-mode.ts";
import { findRoom, toRoom } from "./find-rooms.ts";
import type { StoredRoom } from "./stored-room.ts";

export async function changeRoom(
  context: WriteContext,
  { room: id, changes, by, audit }: { room: string; changes: RoomPatch; by: ActorRef; audit?: AuditSource | undefined },
): Promise<{ room: StoredRoom; event?: LogEvent } | undefined> {
  const { db, now } = context;
  const before = await findRoom(context, { id });
  if (before === undefined) return undefined;
  const patch = effectiveChanges(before, changes);
  if (Object.keys(patch).length === 0) return { room: before };
  const { title, topic, staffOnly, archived, kind, slowModeSeconds } = patch;
  const revokesAccess = [staffOnly, archived, kind, slowModeSeconds].some((change) => change !== undefined);
  const row = await db
    .updateTable("room")
    .set((e) => ({
      last_seq: e("last_seq", "+", 1),
      ...(title === undefined ? {} : { title }),
      ...(topic === undefined ? {} : { topic }),
      ...(staffOnly === undefined ? {} : { staff_only: staffOnly ? 1 : 0 }),
      ...(archived === undefined ? {} : { archived_at: archived ? now : null }),
      ...(kind === undefined ? {} : { kind }),
      ...(kind === "open" ? { opened_seq: e("last_seq", "+", 1) } : {}),
      ...(staffOnly === false ? { unrestricted_seq: e("last_seq", "+", 1) } : {}),
      ...(slowModeSeconds === undefined ? {} : { slow_mode: slowModeSeconds }),
      ...(revokesAccess ? { access_version: e("access_version", "+", 1) } : {}),
    }))
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  const seq = row.last_seq;
  if (slowModeSeconds !== undefined) await changeSlowMode(context, { room: id, lastSeq: seq, slowModeSeconds });
  await logEvent(context, { room: id, seq, kind: "room.changed", by, data: patch, viaChangeFeed: true });
  await recordChange(context, { kind: "room", room: id });
  if (audit !== undefined) {
    const { topic: newTopic, ...rest } = patch;
    const details = { number: row.number, ...rest, ...(newTopic === undefined ? {} : { topic: "given" }) };
    await auditChange(context, { action: "room.change", target: id, details, by: audit });
  }
  return { room: await toRoom(context, row), event: { on: "room.changed", room: id, seq, by, changes: patch } };
}

/**
 * Leaves a tombstone: the row keeps the number from being given again, and the log stays. Two people whose conversation
 * was deleted may open another.
 */
export async function deleteRoom(
  context: WriteContext,
  { room, audit }: { room: string; by: ActorRef; audit?: AuditSource | undefined },
): Promise<boolean> {
  const { db, now } = context;
  const row = await db
    .updateTable("room")
    .set((e) => ({ deleted_at: now, direct_key: null, access_version: e("access_version", "+", 1) }))
    .where("id", "=", room)
    .where("deleted_at", "is", null)
    .returning(["number", "title"])
    .executeTakeFirst();
  if (row === undefined) return false;
  await recordChange(context, { kind: "room", room });
  const { number, title } = row;
  await auditChange(context, { action: "room.delete", target: room, details: { number, title }, by: audit });
  return true;
}

/** Returns the changes that differ from the room's state. A direct conversation keeps its kind. */
function effectiveChanges(room: StoredRoom, changes: RoomPatch): RoomPatch {
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
