import type { RoomPatch } from "@multichat/protocol";
import type { ActorRef } from "../actor-ref.ts";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { WriteContext } from "../database/context.ts";
import { logEvent } from "../event-log/log-event.ts";
import { changeSlowMode } from "../messages/append/slow-mode.ts";
import { type DecidedAccess, isStale } from "./access-version.ts";
import { findRoom, toRoom } from "./find-rooms.ts";
import type { RoomChangeResult, RoomDeletionResult } from "./room-results.ts";
import type { StoredRoom } from "./stored-room.ts";

interface RoomChange extends DecidedAccess {
  readonly room: string;
  readonly changes: RoomPatch;
  readonly by: ActorRef;
  readonly audit?: AuditSource | undefined;
}

export async function changeRoom(
  context: WriteContext,
  { room: id, changes, by, audit, accessVersion }: RoomChange,
): Promise<RoomChangeResult> {
  const { db, now } = context;
  const before = await findRoom(context, { id });
  if (before === undefined) return { outcome: "unknown" };
  if (isStale(before, { accessVersion })) return { outcome: "stale" };
  const patch = effectiveChanges(before, changes);
  if (Object.keys(patch).length === 0) return { outcome: "changed", room: before };
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
  const event = { on: "room.changed", room: id, seq, by, changes: patch } as const;
  return { outcome: "changed", room: await toRoom(context, row), event };
}

/**
 * Leaves a tombstone: the row keeps the number from being given again, and the log stays. Two people whose conversation
 * was deleted may open another.
 */
export async function deleteRoom(
  context: WriteContext,
  { room, audit, accessVersion }: Omit<RoomChange, "changes">,
): Promise<RoomDeletionResult> {
  const { db, now } = context;
  const before = await findRoom(context, { id: room });
  if (before === undefined) return { outcome: "unknown" };
  if (isStale(before, { accessVersion })) return { outcome: "stale" };
  const row = await db
    .updateTable("room")
    .set((e) => ({ deleted_at: now, direct_key: null, access_version: e("access_version", "+", 1) }))
    .where("id", "=", room)
    .where("deleted_at", "is", null)
    .returning(["number", "title", "kind"])
    .executeTakeFirstOrThrow();
  await recordChange(context, { kind: "room", room });
  await auditChange(context, { action: "room.delete", target: room, details: row, by: audit });
  return { outcome: "deleted" };
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
