import type { MemberState, Role } from "@multichat/protocol";
import { type Expression, sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import type { Dialect } from "../database/dialect.ts";
import { prepared } from "../database/prepared.ts";

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
 * Counts the messages of others in the room `r` after the marker `k`. A part of one statement for all rooms: with one
 * statement per room, a list of fifty rooms costs five times as much.
 */
const countUnread = (user: Expression<string>) => sql<number>`(
  select count(*) from (
    select 1 as one from (
      select author, deleted_at from message
      where room = r.id and seq > coalesce(k.read_seq, 0)
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
      where ${sql.ref("user")} = ${user} and room = r.id and seq > coalesce(k.read_seq, 0)
      order by seq desc limit ${sql.lit(MAX_COUNT)}
    ) as named
    union
    select seq from (
      select seq from (
        select seq, author from message
        where room = r.id and mentions_all = 1 and seq > coalesce(k.read_seq, 0)
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
    .leftJoin("member as b", (join) => join.onRef("b.room", "=", "r.id").on("b.user", "=", param("user")))
    .select([
      "r.id as room",
      (e) => e.fn.coalesce("k.read_seq", sql<number>`0`).as("read_seq"),
      "b.role",
      "b.muted_until",
      countUnread(param("user")).as("unread"),
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
