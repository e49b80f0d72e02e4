import type { Author, LogEvent, Role } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { recordChange, type WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { findSeqByKey, storeKey } from "../event-log/idempotency-keys.ts";
import { logEvent, type NewEvent } from "../event-log/log-event.ts";
import { reserveNextSeq } from "../event-log/room-seq.ts";
import { liveRoom } from "../rooms/room-rows.ts";
import type { ActorRef, IdempotencyKey, MemberChangeResult, StoredRoom } from "../store.ts";
import { countMembers, type MemberShape, memberRow, putMember } from "./member-rows.ts";

const departureOf = prepared<{ room: string; user: string }, { banned: number; seq: number }>((db, hole) =>
  db
    .selectFrom("departure")
    .select(["banned", "seq"])
    .where("room", "=", hole("room"))
    .where("user", "=", hole("user")),
);

const countOwners = prepared<{ room: string }, { count: number }>((db, hole) =>
  db
    .selectFrom("member")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", hole("room"))
    .where(sql<boolean>`(role <> 'member' or muted_until is not null)`)
    .where("role", "=", sql.lit("owner")),
);

type Named<Args> = Args & { readonly intent?: IdempotencyKey | undefined };

export function addMember(context: WriteContext, args: Named<Parameters<typeof add>[1]>): Promise<MemberChangeResult> {
  return onceOnly(context, args, () => add(context, args));
}

export function removeMember(
  context: WriteContext,
  args: Named<Parameters<typeof remove>[1]>,
): Promise<MemberChangeResult> {
  return onceOnly(context, args, () => remove(context, args));
}

export function changeMember(
  context: WriteContext,
  args: Named<Parameters<typeof change>[1]>,
): Promise<MemberChangeResult> {
  return onceOnly(context, args, () => change(context, args));
}

async function onceOnly(
  context: WriteContext,
  { room: id, intent }: Named<{ readonly room: string }>,
  work: () => Promise<MemberChangeResult>,
): Promise<MemberChangeResult> {
  const before = await findSeqByKey(context.db, intent);
  if (before !== undefined) {
    const room = await liveRoom(context.db, { id });
    return room === undefined ? { outcome: "unknown" } : { outcome: "changed", seq: before, room };
  }
  const done = await work();
  if (done.outcome === "changed") await storeKey(context, intent, done.seq);
  return done;
}

async function add(
  context: WriteContext,
  { room: id, user, role, by }: { room: string; user: Author; role: Role; by: ActorRef },
): Promise<MemberChangeResult> {
  const { db, now } = context;
  const room = await liveRoom(db, { id });
  if (room === undefined) return { outcome: "unknown" };
  const where = { room: id, user: user.id };
  const [departure] = await departureOf(db, where);
  if (departure?.banned === 1) return { outcome: "banned" };
  const member = await memberRow(db, where);
  if (member !== undefined) return { outcome: "changed", seq: member.seq, room };
  const seq = await reserveNextSeq(db, id, false);
  await putMember(db, { ...where, user_name: user.username, role, since: now, seq });
  if (departure !== undefined) {
    await db.deleteFrom("departure").where("room", "=", id).where("user", "=", user.id).execute();
  }
  return changed(
    context,
    { room: id, seq, kind: "member.joined", by, subject: user, data: { role } },
    { on: "member.joined", room: id, seq, user, role, by },
  );
}

async function remove(
  context: WriteContext,
  { room: id, user, ban, by }: { room: string; user: Author; ban: boolean | undefined; by: ActorRef },
): Promise<MemberChangeResult> {
  const { db, now } = context;
  const room = await liveRoom(db, { id });
  if (room === undefined) return { outcome: "unknown" };
  const where = { room: id, user: user.id };
  const member = await memberRow(db, where);
  const [departure] = await departureOf(db, where);
  const wasBanned = departure?.banned === 1;
  const banned = ban ?? wasBanned;
  // Who never was here: it has been so since the room was made.
  if (member === undefined && banned === wasBanned) return { outcome: "changed", seq: departure?.seq ?? 1, room };
  if (member !== undefined && (await isLastOwner(db, room, member))) return { outcome: "last-owner" };

  const seq = await reserveNextSeq(db, id, member !== undefined || banned);
  await db.deleteFrom("member").where("room", "=", id).where("user", "=", user.id).execute();
  const state = { banned: banned ? 1 : 0, seq, by: by?.id ?? null, at: now };
  await db
    .insertInto("departure")
    .values({ ...where, ...state })
    .onConflict((c) => c.columns(["room", "user"]).doUpdateSet(state))
    .execute();
  if (member !== undefined && !banned && by?.id === user.id) {
    return changed(
      context,
      { room: id, seq, kind: "member.left", by, subject: user },
      { on: "member.left", room: id, seq, user },
    );
  }
  return changed(
    context,
    { room: id, seq, kind: "member.removed", by, subject: user, data: { banned } },
    { on: "member.removed", room: id, seq, user, banned, by },
  );
}

async function change(
  context: WriteContext,
  {
    room: id,
    user,
    changes,
    by,
  }: {
    room: string;
    user: string;
    changes: { readonly role?: Role | undefined; readonly mutedUntil?: number | null | undefined };
    by: ActorRef;
  },
): Promise<MemberChangeResult> {
  const { db } = context;
  const room = await liveRoom(db, { id });
  const member = await memberRow(db, { room: id, user });
  if (room === undefined || member === undefined) return { outcome: "unknown" };
  // Only this folder writes this column, from the same type.
  const role = changes.role ?? (member.role as Role);
  const mutedUntil = changes.mutedUntil === undefined ? member.muted_until : changes.mutedUntil;
  if (role === member.role && mutedUntil === member.muted_until) return { outcome: "changed", seq: member.seq, room };
  if (role !== "owner" && (await isLastOwner(db, room, member))) return { outcome: "last-owner" };

  const seq = await reserveNextSeq(db, id, true);
  await db
    .updateTable("member")
    .set({ role, muted_until: mutedUntil, seq })
    .where("room", "=", id)
    .where("user", "=", user)
    .execute();
  const subject = { id: user, username: member.user_name };
  return changed(
    context,
    { room: id, seq, kind: "member.changed", by, subject, data: { role, mutedUntil } },
    { on: "member.changed", room: id, seq, user: subject, role, mutedUntil, by },
  );
}

/** Whether the room would be left with people and nobody to own it. */
async function isLastOwner(db: Kysely<Tables>, { id }: StoredRoom, { role }: MemberShape): Promise<boolean> {
  if (role !== "owner") return false;
  const [owners] = await countOwners(db, { room: id });
  return owners?.count === 1 && (await countMembers(db, id)) > 1;
}

/** Writes the event down; the room in memory of every process follows, because it holds who may enter. */
async function changed(
  context: WriteContext,
  logged: NewEvent & { readonly subject: Author },
  event: LogEvent,
): Promise<MemberChangeResult> {
  await logEvent(context, { ...logged, viaChangeFeed: true });
  await recordChange(context, { kind: "member", room: logged.room, user: logged.subject.id });
  const room = await liveRoom(context.db, { id: logged.room });
  if (room === undefined) throw new Error(`room ${logged.room} is gone while its members change`);
  return { outcome: "changed", seq: logged.seq, event, room };
}
