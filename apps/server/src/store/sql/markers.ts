import type { MemberState, Role } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { listed } from "./listed.ts";
import { prepared } from "./prepared.ts";
import type { Tables } from "./tables.ts";
import type { WriteContext } from "./write-context.ts";

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
  last_seq: number;
  role: string | null;
  muted_until: number | null;
}

const markersOf = prepared<{ user: string; rooms: string }, MarkerShape>((db, hole) =>
  db
    .selectFrom("room as r")
    .leftJoin("marker as k", (join) => join.onRef("k.room", "=", "r.id").on("k.user", "=", hole("user")))
    .leftJoin("member as b", (join) => join.onRef("b.room", "=", "r.id").on("b.user", "=", hole("user")))
    .select([
      "r.id as room",
      "r.last_seq",
      (e) => e.fn.coalesce("k.read_seq", sql<number>`0`).as("read_seq"),
      "b.role",
      "b.muted_until",
    ])
    .where("r.id", "in", listed<string>(hole("rooms"))),
);

const countUnread = prepared<{ user: string; room: string; seq: number }, { count: number }>((db, hole) =>
  db
    .selectFrom((e) =>
      e
        .selectFrom((f) =>
          f
            .selectFrom("message")
            .select(["author", "deleted_at"])
            .where("room", "=", hole("room"))
            .where("seq", ">", hole("seq"))
            .orderBy("seq", "desc")
            .limit(sql.lit(LOOKED_AT))
            .as("latest"),
        )
        .select(sql<number>`1`.as("one"))
        .where("author", "is distinct from", hole("user"))
        .where("deleted_at", "is", null)
        .limit(sql.lit(COUNTED_TO))
        .as("unread"),
    )
    .select((e) => e.fn.countAll<number>().as("count")),
);

/** Messages that name the person and messages to everybody; one that does both counts once. */
const countMentions = prepared<{ user: string; room: string; seq: number }, { count: number }>((db, hole) =>
  db
    .selectFrom((e) =>
      e
        .selectFrom((f) =>
          f
            .selectFrom("mention")
            .select("seq")
            .where("user", "=", hole("user"))
            .where("room", "=", hole("room"))
            .where("seq", ">", hole("seq"))
            .orderBy("seq", "desc")
            .limit(sql.lit(COUNTED_TO))
            .as("named"),
        )
        .select("seq")
        .union(
          e
            .selectFrom((f) =>
              f
                .selectFrom((g) =>
                  g
                    .selectFrom("message")
                    .select(["seq", "author"])
                    .where("room", "=", hole("room"))
                    .where("mentions_all", "=", sql.lit(1))
                    .where("seq", ">", hole("seq"))
                    .orderBy("seq", "desc")
                    .limit(sql.lit(LOOKED_AT))
                    .as("latest"),
                )
                .select("seq")
                .where("author", "is distinct from", hole("user"))
                .limit(sql.lit(COUNTED_TO))
                .as("to_all"),
            )
            .select("seq"),
        )
        .as("unread"),
    )
    .select((e) => sql<number>`min(${e.fn.countAll<number>()}, ${sql.lit(COUNTED_TO)})`.as("count")),
);

/** The states of one person in rooms; a room that does not exist has none. */
export async function markers(
  db: Kysely<Tables>,
  { user, rooms }: { user: string; rooms: readonly string[] },
): Promise<Array<readonly [room: string, state: MemberState]>> {
  const rows = await markersOf(db, { user, rooms: JSON.stringify(rooms) });
  const states: Array<readonly [string, MemberState]> = [];
  for (const row of rows) states.push([row.room, await stateAt(db, user, row)]);
  return states;
}

async function stateAt(db: Kysely<Tables>, user: string, at: MarkerShape): Promise<MemberState> {
  // Only `members.ts` writes this column, from the same type.
  const state = { role: at.role as Role | null, mutedUntil: at.muted_until, readSeq: at.read_seq };
  if (at.read_seq >= at.last_seq) return { ...state, unread: 0, mentions: 0 };
  const where = { user, room: at.room, seq: at.read_seq };
  const [unread] = await countUnread(db, where);
  const [mentions] = await countMentions(db, where);
  return { ...state, unread: unread?.count ?? 0, mentions: mentions?.count ?? 0 };
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
