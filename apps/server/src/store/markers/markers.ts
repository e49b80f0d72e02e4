import type { MemberState, Role } from "@multichat/protocol";
import { type Expression, type ExpressionBuilder, type Kysely, type Selectable, sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import type { Dialect, UnreadQuery } from "../database/dialect.ts";
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
  last_seq: number;
  read_seq: number;
  revision: number | null;
  role: string | null;
  muted_until: number | null;
  /** Messages that mention the user; at most `MAX_COUNT`. */
  named: number;
  /** Messages of others that mention all members; at most `MAX_COUNT`. */
  to_all: number;
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

const selectNamed = (user: Expression<string>, room: Expression<string>, readSeq: Expression<number>) => sql`
  select seq from mention
  where ${sql.ref("user")} = ${user} and room = ${room} and seq > ${readSeq}
  order by seq desc limit ${sql.lit(MAX_COUNT)}`;

const selectToAll = (user: Expression<string>, room: Expression<string>, readSeq: Expression<number>) => sql`
  select seq from (
    select seq, author from message
    where room = ${room} and mentions_all = 1 and seq > ${readSeq}
    order by seq desc limit ${sql.lit(MAX_EXAMINED)}
  ) as latest
  where author is distinct from ${user}
  limit ${sql.lit(MAX_COUNT)}`;

/** The states of all rooms in one statement: with one for each room, a list of fifty costs five times as much. */
const selectMarkers = prepared<{ user: string; rooms: string }, SelectedMarker>((db, param, dialect) => {
  const parts = [param("user"), sql.ref<string>("r.id"), selectReadSeq(dialect)] as const;
  return db
    .selectFrom("room as r")
    .leftJoin("marker as k", (join) => join.onRef("k.room", "=", "r.id").on("k.user", "=", param("user")))
    .leftJoin("user as u", (join) => join.on("u.id", "=", param("user")))
    .leftJoin("member as b", (join) => join.onRef("b.room", "=", "r.id").on("b.user", "=", param("user")))
    .select([
      "r.id as room",
      "r.last_seq",
      selectReadSeq(dialect).as("read_seq"),
      "k.revision",
      "b.role",
      "b.muted_until",
      sql<number>`(select count(*) from (${selectNamed(...parts)}) as named)`.as("named"),
      sql<number>`(select count(*) from (${selectToAll(...parts)}) as to_all)`.as("to_all"),
    ])
    .where("r.id", "in", dialect.jsonElements(param("rooms")));
});

/** Counts the messages of others that are unread, of all rooms in one statement. */
const countUnread = prepared<{ user: string; rooms: string }, { room: string; unread: number }>((db, param, dialect) =>
  db
    .selectFrom("room as r")
    .leftJoin("marker as k", (join) => join.onRef("k.room", "=", "r.id").on("k.user", "=", param("user")))
    .leftJoin("user as u", (join) => join.on("u.id", "=", param("user")))
    .leftJoin("member as b", (join) => join.onRef("b.room", "=", "r.id").on("b.user", "=", param("user")))
    .select([
      "r.id as room",
      sql<number>`(
        select count(*) from (
          select 1 as one from (
            select author, deleted_at from message
            where room = r.id and seq > ${selectReadSeq(dialect)}
            order by seq desc limit ${sql.lit(MAX_EXAMINED)}
          ) as latest
          where author is distinct from ${param("user")} and deleted_at is null
          limit ${sql.lit(MAX_COUNT)}
        ) as unread
      )`.as("unread"),
    ])
    .where("r.id", "in", dialect.jsonElements(param("rooms"))),
);

interface RoomQuery {
  readonly user: string;
  readonly room: string;
  readonly read_seq: number;
}

/** Counts the messages that mention the user or all members; one that does both counts once. */
const countMentions = prepared<RoomQuery, { count: number }>((db, param, dialect) => {
  const parts = [param("user"), param("room"), param("read_seq")] as const;
  return {
    compile: () =>
      sql<{ count: number }>`
        select ${dialect.least(sql<number>`count(*)`, sql.lit(MAX_COUNT))} as count from (
          select seq from (${selectNamed(...parts)}) as named
          union
          select seq from (${selectToAll(...parts)}) as to_all
        ) as unread`.compile(db),
  };
});

/** The state of a user in a room, and the seq of the room's log that its counts are as of. */
export interface CountedState {
  readonly lastSeq: number;
  readonly state: MemberState;
}

/** The state of a user in a room that does not exist. */
const NO_STATE: MemberState = { role: null, mutedUntil: null, readSeq: 0, unread: 0, mentions: 0 };

export async function getMarkers(
  context: ReadContext,
  { user, rooms }: { user: string; rooms: readonly string[] },
): Promise<ReadonlyMap<string, CountedState>> {
  const rows = await selectMarkers(context, { user, rooms: JSON.stringify(rooms) });
  const [unreads, mentions] = await Promise.all([
    readUnreads(context, rows, user),
    Promise.all(rows.map((row) => countRowMentions(context, row, user))),
  ]);
  return new Map(
    rows.map((row, index) => {
      const counts = { unread: unreads.get(row.room) ?? 0, mentions: mentions[index] ?? 0 };
      return [row.room, { lastSeq: row.last_seq, state: toMemberState(row, counts) }];
    }),
  );
}

export async function getMarker(
  context: ReadContext,
  { user, room }: { user: string; room: string },
): Promise<MemberState> {
  return (await getMarkers(context, { user, rooms: [room] })).get(room)?.state ?? NO_STATE;
}

function toMemberState(
  { role, muted_until, read_seq, revision }: SelectedMarker,
  counts: Pick<MemberState, "unread" | "mentions">,
): MemberState {
  // The role is written by the members' operations alone, from the same type.
  return {
    role: role as Role | null,
    mutedUntil: muted_until,
    readSeq: read_seq,
    ...(revision !== null && revision > 0 && { readRevision: revision }),
    ...counts,
  };
}

function toUnreadQuery({ room, last_seq, read_seq }: SelectedMarker, user: string): UnreadQuery {
  return { room, lastSeq: last_seq, readSeq: read_seq, user, max: MAX_COUNT };
}

/** Counts what is unread by room: most rooms of a list without a read, and the others together. */
async function readUnreads(
  context: ReadContext,
  rows: readonly SelectedMarker[],
  user: string,
): Promise<ReadonlyMap<string, number>> {
  const { unreadCounter } = context;
  const counts = new Map<string, number>();
  const queries: UnreadQuery[] = [];
  for (const row of rows) {
    const query = toUnreadQuery(row, user);
    const known = unreadCounter?.countKnown(query);
    if (known === undefined) queries.push(query);
    else counts.set(row.room, known);
  }
  if (queries.length === 0) return counts;
  const read = await unreadCounter?.readAndCount(context, queries);
  for (const [room, unread] of read ?? []) counts.set(room, unread);
  const missing = queries.flatMap(({ room }) => (counts.has(room) ? [] : [room]));
  if (missing.length === 0) return counts;
  const counted = await countUnread(context, { user, rooms: JSON.stringify(missing) });
  for (const { room, unread } of counted) counts.set(room, unread);
  return counts;
}

async function countRowMentions(context: ReadContext, row: SelectedMarker, user: string): Promise<number> {
  const { room, read_seq, named, to_all } = row;
  if (named === 0 || to_all === 0) return named + to_all;
  const [counted] = await countMentions(context, { user, room, read_seq });
  return counted?.count ?? 0;
}

const selectLastSeq = prepared<{ room: string }, { last_seq: number }>((db, param) =>
  db.selectFrom("room").select("last_seq").where("id", "=", param("room")),
);

const upsertMarker = prepared<{ user: string; room: string; read_seq: number }, never>((db, param) =>
  db
    .insertInto("marker")
    .values({ user: param("user"), room: param("room"), read_seq: param("read_seq") })
    .onConflict((conflict) =>
      conflict
        .columns(["user", "room"])
        .doUpdateSet((e) => ({ read_seq: e.ref("excluded.read_seq") }))
        .whereRef("marker.read_seq", "<", "excluded.read_seq"),
    ),
);

/**
 * Of two places of a marker the one with the higher revision counts, then the one with the higher seq. So what the devices of a
 * user send can arrive in any order, and twice.
 */
const upsertRevisedMarker = prepared<{ user: string; room: string; read_seq: number; revision: number }, never>(
  (db, param) =>
    db
      .insertInto("marker")
      .values({ user: param("user"), room: param("room"), read_seq: param("read_seq"), revision: param("revision") })
      .onConflict((conflict) =>
        conflict
          .columns(["user", "room"])
          .doUpdateSet((e) => ({ read_seq: e.ref("excluded.read_seq"), revision: e.ref("excluded.revision") }))
          .where(sql<boolean>`(marker.revision, marker.read_seq) < (excluded.revision, excluded.read_seq)`),
      ),
);

export async function moveMarker(
  context: WriteContext,
  { user, room, seq, revision }: { user: string; room: string; seq: number; revision?: number | undefined },
): Promise<MemberState> {
  const [head] = await selectLastSeq(context, { room });
  if (head === undefined) return NO_STATE;
  const read_seq = Math.max(0, Math.min(seq, head.last_seq));
  const [, state] = await Promise.all([
    revision === undefined
      ? upsertMarker(context, { user, room, read_seq })
      : upsertRevisedMarker(context, { user, room, read_seq, revision }),
    getMarker(context, { user, room }),
  ]);
  return state;
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

type RoomsQuery = ReturnType<typeof selectRooms>;

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

async function insertMarkers(
  db: Kysely<Tables>,
  user: string,
  filter: (rooms: RoomsQuery) => RoomsQuery,
): Promise<void> {
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
