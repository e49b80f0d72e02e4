import type { MemberState, Role } from "@multichat/protocol";
import { type Expression, type Kysely, sql } from "kysely";
import type { WriteContext } from "../database/context.ts";
import { listed } from "../database/json-values.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";

/** A count that has reached this means "or more". */
const COUNTED_TO = 100;
/**
 * Messages that are looked at for one count, from the newest back. Only a person who wrote this many messages in a row,
 * unread, could tell; without it a room full of one's own messages would make every list of rooms slow.
 */
const LOOKED_AT = 1_000;

interface MarkerShape {
  room: string;
  read_seq: number;
  role: string | null;
  muted_until: number | null;
  unread: number;
  mentions: number;
}

/**
 * Messages of others in the room `r` after the marker `k`. A part of one statement for all rooms: asked room by room, a list of
 * fifty rooms costs five times as much.
 */
const unread = (user: Expression<string>) => sql<number>`(
  select count(*) from (
    select 1 as one from (
      select author, deleted_at from message
      where room = r.id and seq > coalesce(k.read_seq, 0)
      order by seq desc limit ${sql.lit(LOOKED_AT)}
    ) as latest
    where author is distinct from ${user} and deleted_at is null
    limit ${sql.lit(COUNTED_TO)}
  ) as unread
)`;

/** Messages that name the person and messages to everybody; one that does both counts once. */
const mentions = (user: Expression<string>) => sql<number>`(
  select min(count(*), ${sql.lit(COUNTED_TO)}) from (
    select seq from (
      select seq from mention
      where user = ${user} and room = r.id and seq > coalesce(k.read_seq, 0)
      order by seq desc limit ${sql.lit(COUNTED_TO)}
    ) as named
    union
    select seq from (
      select seq from (
        select seq, author from message
        where room = r.id and mentions_all = 1 and seq > coalesce(k.read_seq, 0)
        order by seq desc limit ${sql.lit(LOOKED_AT)}
      ) as latest
      where author is distinct from ${user}
      limit ${sql.lit(COUNTED_TO)}
    ) as to_all
  ) as unread
)`;

const markersOf = prepared<{ user: string; rooms: string }, MarkerShape>((db, hole) =>
  db
    .selectFrom("room as r")
    .leftJoin("marker as k", (join) => join.onRef("k.room", "=", "r.id").on("k.user", "=", hole("user")))
    .leftJoin("member as b", (join) => join.onRef("b.room", "=", "r.id").on("b.user", "=", hole("user")))
    .select([
      "r.id as room",
      (e) => e.fn.coalesce("k.read_seq", sql<number>`0`).as("read_seq"),
      "b.role",
      "b.muted_until",
      unread(hole("user")).as("unread"),
      mentions(hole("user")).as("mentions"),
    ])
    .where("r.id", "in", listed<string>(hole("rooms"))),
);

/** The states of one person in rooms; a room that does not exist has none. */
export async function markers(
  db: Kysely<Tables>,
  { user, rooms }: { user: string; rooms: readonly string[] },
): Promise<Array<readonly [room: string, state: MemberState]>> {
  const rows = await markersOf(db, { user, rooms: JSON.stringify(rooms) });
  return rows.map((row) => [row.room, stateOf(row)]);
}

function stateOf({ role, muted_until, read_seq, unread, mentions }: MarkerShape): MemberState {
  // Only `members.ts` writes the role, from the same type.
  return { role: role as Role | null, mutedUntil: muted_until, readSeq: read_seq, unread, mentions };
}

/** Forward only, and never beyond the end of the log. Undefined: there is no such room. */
export async function moveMarker(
  { db }: WriteContext,
  { user, room, seq }: { user: string; room: string; seq: number },
): Promise<MemberState | undefined> {
  const end = await db.selectFrom("room").select("last_seq").where("id", "=", room).executeTakeFirst();
  if (end === undefined) return undefined;
  const read_seq = Math.max(0, Math.min(seq, end.last_seq));
  await db
    .insertInto("marker")
    .values({ user, room, read_seq })
    .onConflict((c) => c.columns(["user", "room"]).doUpdateSet({ read_seq }).where("marker.read_seq", "<", read_seq))
    .execute();
  const [state] = await markers(db, { user, rooms: [room] });
  return state?.[1];
}
