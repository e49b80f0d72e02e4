import type { Author, LogEvent, Role } from "@multichat/protocol";
import { sql } from "kysely";
import type { ActorRef } from "../actor-ref.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { findSeqByKey, type IdempotencyKey, storeKey } from "../event-log/idempotency-keys.ts";
import { logEvent, type NewEvent } from "../event-log/log-event.ts";
import { reserveMemberSeq } from "../event-log/room-seq.ts";
import { hasMarker, startReading } from "../markers/markers.ts";
import { type DecidedAccess, isStale, type StaleChange } from "../rooms/access-version.ts";
import { findRoom } from "../rooms/find-rooms.ts";
import type { StoredRoom } from "../rooms/stored-room.ts";
import { countMembers, findMemberRow, insertMember, type SelectedMember } from "./member-rows.ts";
import type { MemberChangeResult } from "./member-types.ts";

interface Departure {
  banned: number;
  seq: number;
}

const selectDeparture = prepared<{ room: string; user: string }, Departure>((db, param) =>
  db
    .selectFrom("departure")
    .select(["banned", "seq"])
    .where("room", "=", param("room"))
    .where("user", "=", param("user")),
);

const countOwners = prepared<{ room: string }, { count: number }>((db, param) =>
  db
    .selectFrom("member")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", param("room"))
    // Word for word the condition of the partial index.
    .where(sql<boolean>`(role <> 'member' or muted_until is not null)`)
    .where("role", "=", sql.lit("owner")),
);

interface MemberChange extends DecidedAccess {
  readonly room: string;
  readonly by: ActorRef;
  readonly idempotencyKey?: IdempotencyKey | undefined;
}

export interface MemberAddition extends MemberChange {
  readonly user: Author;
  readonly role: Role;
}

export interface MemberRemoval extends MemberChange {
  readonly user: Author;
  /** True bans the user, also one who is not a member; false lifts a ban; undefined leaves it as it is. */
  readonly ban?: boolean | undefined;
}

export interface MemberPatch extends MemberChange {
  readonly user: string;
  readonly changes: { readonly role?: Role | undefined; readonly mutedUntil?: number | null | undefined };
}

export function addMember(context: WriteContext, addition: MemberAddition): Promise<MemberChangeResult | StaleChange> {
  return changeOnce(context, addition, (room) => add(context, room, addition));
}

export function removeMember(context: WriteContext, removal: MemberRemoval): Promise<MemberChangeResult | StaleChange> {
  return changeOnce(context, removal, (room) => remove(context, room, removal));
}

export function changeMember(context: WriteContext, patch: MemberPatch): Promise<MemberChangeResult | StaleChange> {
  return changeOnce(context, patch, (room) => change(context, room, patch));
}

/**
 * Makes a change, unless the room has left the access version that it was decided on; or returns the result of its first attempt
 * where its key is known.
 */
async function changeOnce(
  context: WriteContext,
  change: MemberChange,
  make: (room: StoredRoom) => Promise<MemberChangeResult>,
): Promise<MemberChangeResult | StaleChange> {
  const { room: id, idempotencyKey } = change;
  const firstSeq = idempotencyKey && (await findSeqByKey(context, idempotencyKey));
  const room = await findRoom(context, { id });
  if (room === undefined) return { outcome: "unknown" };
  if (firstSeq !== undefined) return { outcome: "changed", seq: firstSeq, room };
  if (isStale(room, change)) return { outcome: "stale" };
  const result = await make(room);
  if (result.outcome === "changed") await storeKey(context, idempotencyKey, result.seq);
  return result;
}

async function add(
  context: WriteContext,
  room: StoredRoom,
  { room: id, user, role, by }: MemberAddition,
): Promise<MemberChangeResult> {
  const { db, now } = context;
  const where = { room: id, user: user.id };
  const [departure] = await selectDeparture(context, where);
  if (departure?.banned === 1) return { outcome: "banned" };
  const member = await findMemberRow(context, where);
  if (member !== undefined) return { outcome: "changed", seq: member.seq, room };
  // Moderators could manage this user until now.
  const seq = await reserveMemberSeq(context, { room: id, revokesAccess: role === "owner" });
  await insertMember(context, { ...where, user_name: user.username, role, since: now, seq });
  // Who has read an open room as a guest reads on as a member.
  const isReader = room.kind === "open" && departure === undefined && (await hasMarker(context, where));
  if (room.kind !== "direct" && !isReader) await startReading(context, where);
  if (departure !== undefined) {
    await db.deleteFrom("departure").where("room", "=", id).where("user", "=", user.id).execute();
  }
  return logChange(
    context,
    { room: id, seq, kind: "member.joined", by, subject: user, data: { role } },
    { on: "member.joined", room: id, seq, user, role, by },
  );
}

async function remove(
  context: WriteContext,
  room: StoredRoom,
  { room: id, user, ban, by }: MemberRemoval,
): Promise<MemberChangeResult> {
  const { db } = context;
  const where = { room: id, user: user.id };
  const member = await findMemberRow(context, where);
  const [departure] = await selectDeparture(context, where);
  const wasBanned = departure?.banned === 1;
  const banned = ban ?? wasBanned;
  // A user who never was a member has been none since the room was created, at seq 1.
  if (member === undefined && banned === wasBanned) return { outcome: "changed", seq: departure?.seq ?? 1, room };
  if (member !== undefined && (await isLastOwner(context, id, member))) return { outcome: "last-owner" };

  const seq = await reserveMemberSeq(context, { room: id, revokesAccess: member !== undefined || banned });
  await db.deleteFrom("member").where("room", "=", id).where("user", "=", user.id).execute();
  await upsertDeparture(context, { ...where, banned, seq, by });
  if (wasBanned && !banned) await startReading(context, where);
  if (member !== undefined && !banned && by?.id === user.id) {
    return logChange(
      context,
      { room: id, seq, kind: "member.left", by, subject: user },
      { on: "member.left", room: id, seq, user },
    );
  }
  return logChange(
    context,
    { room: id, seq, kind: "member.removed", by, subject: user, data: { banned } },
    { on: "member.removed", room: id, seq, user, banned, by },
  );
}

async function change(
  context: WriteContext,
  room: StoredRoom,
  { room: id, user, changes, by }: MemberPatch,
): Promise<MemberChangeResult> {
  const member = await findMemberRow(context, { room: id, user });
  if (member === undefined) return { outcome: "unknown" };
  // Written by this store alone, from the same type.
  const role = changes.role ?? (member.role as Role);
  const mutedUntil = changes.mutedUntil === undefined ? member.muted_until : changes.mutedUntil;
  if (role === member.role && mutedUntil === member.muted_until) return { outcome: "changed", seq: member.seq, room };
  if (role !== "owner" && (await isLastOwner(context, id, member))) return { outcome: "last-owner" };

  const seq = await reserveMemberSeq(context, { room: id, revokesAccess: true });
  await context.db
    .updateTable("member")
    .set({ role, muted_until: mutedUntil, seq })
    .where("room", "=", id)
    .where("user", "=", user)
    .execute();
  const subject = { id: user, username: member.user_name };
  return logChange(
    context,
    { room: id, seq, kind: "member.changed", by, subject, data: { role, mutedUntil } },
    { on: "member.changed", room: id, seq, user: subject, role, mutedUntil, by },
  );
}

/** Returns whether the member is the only owner of a room that has other members. */
async function isLastOwner(context: WriteContext, room: string, { role }: SelectedMember): Promise<boolean> {
  if (role !== "owner") return false;
  const [owners] = await countOwners(context, { room });
  return owners?.count === 1 && (await countMembers(context, room)) > 1;
}

async function upsertDeparture(
  { db, now }: WriteContext,
  { room, user, banned, seq, by }: { room: string; user: string; banned: boolean; seq: number; by: ActorRef },
): Promise<void> {
  const state = { banned: banned ? 1 : 0, seq, by: by?.id ?? null, at: now };
  await db
    .insertInto("departure")
    .values({ room, user, ...state })
    .onConflict((conflict) => conflict.columns(["room", "user"]).doUpdateSet(state))
    .execute();
}

/** Logs the event of a change, which the room cache of every process follows, because it holds the permissions. */
async function logChange(
  context: WriteContext,
  newEvent: NewEvent & { readonly subject: Author },
  event: LogEvent,
): Promise<MemberChangeResult> {
  await logEvent(context, { ...newEvent, viaChangeFeed: true });
  await recordChange(context, { kind: "member", room: newEvent.room, user: newEvent.subject.id });
  const room = await findRoom(context, { id: newEvent.room });
  if (room === undefined) throw new Error(`expected room ${newEvent.room} after a change of its members`);
  return { outcome: "changed", seq: newEvent.seq, event, room };
}
