import type { MemberState, Role } from "@multichat/protocol";
import { type Expression, type ExpressionBuilder, type Kysely, type Selectable, sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import type { Dialect } from "../database/dialect.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";

/** A count of this size means "or more". */
const MAX_COUNT = 100;
/**
 * Messages examined for one count, newest first. Only a user who wrote this many messages in a row without reading them
 * could notice; without it, a room full of the user's own messages would make every list of rooms slow.
 */
const MAX_EXAMINED = 1_000;

interface SelectedMarker {
  room: string;
  read_seq: number;
  role: string | null;
  muted_until: number | null;
  unread: number;
  mentions: number;
}

/**
 * The seq up to which the user has read the room `r`: the marker `k`, or where the room was opened to the user later, the seq
 * of that. `b` is the user's membership and `u` the account.
 */
function selectReadSeq(dialect: Dialect) {
  return dialect.greatest(
    sql<number>`coalesce(k.read_seq, 0)`,
    sql<number>`case when b.user is null then r.opened_seq else 0 end`,
    sql<number>`case when coalesce(u.staff, 0) = 0 then r.unrestricted_seq else 0 end`,
  );
}

/**
 * Counts the messages of others in the room `r` after the marker `k`. A part of one statement for all rooms: with one
 * statement per room, a list of fifty rooms costs five times as much.
 */
const countUnread = (user: Expression<string>, dialect: Dialect) => sql<number>`(
  select count(*) from (
    select 1 as one from (
      select author, deleted_at from message
      where room = r.id and seq > ${selectReadSeq(dialect)}
      order by seq desc limit ${sql.lit(MAX_EXAMINED)}
    ) as latest
    where author is distinct from ${user} and deleted_at is null
    limit ${sql.lit(MAX_COUNT)}
  ) as unread
)`;

/** Counts the messages that mention the user or all members; one that does both counts once. */
const countMentions = (user: Expression<string>, dialect: Dialect) => sql<number>`(
  select ${dialect.least(sql<number>`count(*)`, sql.lit(MAX_COUNT))} from (
    select seq from (
      select seq from mention
      where ${sql.ref("user")} = ${user} and room = r.id and seq > ${selectReadSeq(dialect)}
      order by seq desc limit ${sql.lit(MAX_COUNT)}
    ) as named
    union
    select seq from (
      select seq from (
        select seq, author from message
        where room = r.id and mentions_all = 1 and seq > ${selectReadSeq(dialect)}
        order by seq desc limit ${sql.lit(MAX_EXAMINED)}
      ) as latest
      where author is distinct from ${user}
      limit ${sql.lit(MAX_COUNT)}
    ) as to_all
  ) as unread
)`;

const selectMarkers = prepared<{ user: string; rooms: string }, SelectedMarker>((db, param, dialect) =>
  db
    .selectFrom("room as r")
    .leftJoin("marker as k", (join) => join.onRef("k.room", "=", "r.id").on("k.user", "=", param("user")))
    .leftJoin("user as u", (join) => join.on("u.id", "=", param("user")))
    .leftJoin("member as b", (join) => join.onRef("b.room", "=", "r.id").on("b.user", "=", param("user")))
    .select([
      "r.id as room",
      selectReadSeq(dialect).as("read_seq"),
      "b.role",
      "b.muted_until",
      countUnread(param("user"), dialect).as("unread"),
      countMentions(param("user"), dialect).as("mentions"),
    ])
    .where("r.id", "in", dialect.jsonElements<string>(param("rooms"))),
);

/** The state of a user in a room that does not exist. */
const NO_STATE: MemberState = { role: null, mutedUntil: null, readSeq: 0, unread: 0, mentions: 0 };

export async function getMarkers(
  context: ReadContext,
  { user, rooms }: { user: string; rooms: readonly string[] },
): Promise<ReadonlyMap<string, MemberState>> {
  const rows = await selectMarkers(context, { user, rooms: JSON.stringify(rooms) });
  return new Map(rows.map((row) => [row.room, toMemberState(row)]));
}

export async function getMarker(
  context: ReadContext,
  { user, room }: { user: string; room: string },
): Promise<MemberState> {
  return (await getMarkers(context, { user, rooms: [room] })).get(room) ?? NO_STATE;
}

function toMemberState({ role, muted_until, read_seq, unread, mentions }: SelectedMarker): MemberState {
  // The role is written by the members' operations alone, from the same type.
  return { role: role as Role | null, mutedUntil: muted_until, readSeq: read_seq, unread, mentions };
}

export async function moveMarker(
  context: WriteContext,
  { user, room, seq }: { user: string; room: string; seq: number },
): Promise<MemberState> {
  const { db } = context;
  const head = await db.selectFrom("room").select("last_seq").where("id", "=", room).executeTakeFirst();
  if (head === undefined) return NO_STATE;
  const read_seq = Math.max(0, Math.min(seq, head.last_seq));
  await db
    .insertInto("marker")
    .values({ user, room, read_seq })
    .onConflict((conflict) =>
      conflict.columns(["user", "room"]).doUpdateSet({ read_seq }).where("marker.read_seq", "<", read_seq),
    )
    .execute();
  return getMarker(context, { user, room });
}

/**
 * Marks a room as read up to its newest event for a user who has just got access to it: what was written before is not
 * unread.
 */
export async function startReading(
  { db }: WriteContext,
  { user, room }: { user: string; room: string },
): Promise<void> {
  await insertMarkers(db, user, (rooms) => rooms.where("r.id", "=", room));
}

/** Whether the user has ever read the room. */
export async function hasMarker({ db }: ReadContext, { user, room }: { user: string; room: string }): Promise<boolean> {
  const query = db.selectFrom("marker").select("read_seq").where("user", "=", user).where("room", "=", room);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Marks all open rooms as read for a new account. */
export async function startReadingOpenRooms(
  { db }: WriteContext,
  { id, staff }: { id: string; staff: boolean },
): Promise<void> {
  await insertMarkers(db, id, (rooms) =>
    rooms
      .where(hasMessages)
      .where("r.kind", "=", sql.lit("open"))
      .$if(!staff, (query) => query.where("r.staff_only", "=", sql.lit(0))),
  );
}

/** Marks the staff-only rooms as read that an account sees by its new staff flag. */
export async function startReadingStaffRooms({ db }: WriteContext, { id }: { id: string }): Promise<void> {
  await insertMarkers(db, id, (rooms) =>
    rooms
      .where(hasMessages)
      .where("r.staff_only", "=", sql.lit(1))
      .where((e) =>
        e.or([
          e("r.kind", "=", sql.lit("open")),
          e.exists(
            e.selectFrom("member as b").select("b.user").whereRef("b.room", "=", "r.id").where("b.user", "=", id),
          ),
        ]),
      ),
  );
}

type RoomQuery = ReturnType<typeof selectRooms>;

function selectRooms(db: Kysely<Tables>, user: string) {
  return db
    .selectFrom("room as r")
    .select([sql.val(user).as("user"), "r.id as room", "r.last_seq as read_seq"])
    .where("r.deleted_at", "is", null);
}

/** Rooms without messages need no marker: nothing in them is unread. */
function hasMessages(e: ExpressionBuilder<Tables & { r: Selectable<Tables["room"]> }, "r">) {
  return e.exists(e.selectFrom("message as w").select("w.seq").whereRef("w.room", "=", "r.id").limit(sql.lit(1)));
}

async function insertMarkers(db: Kysely<Tables>, user: string, filter: (rooms: RoomQuery) => RoomQuery): Promise<void> {
  await db
    .insertInto("marker")
    .columns(["user", "room", "read_seq"])
    .expression(filter(selectRooms(db, user)))
    .onConflict((conflict) =>
      conflict
        .columns(["user", "room"])
        .doUpdateSet((e) => ({ read_seq: e.ref("excluded.read_seq") }))
        .whereRef("marker.read_seq", "<", "excluded.read_seq"),
    )
    .execute();
}
