import type { Author, Role, RoomKind } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { listed } from "../database/json-values.ts";
import { prepared } from "../database/prepared.ts";
import type { RoomRow, Tables } from "../database/tables.ts";
import type { StoredRoom } from "../store.ts";
import { peopleOfKey } from "./direct-key.ts";

/** Who is who in some rooms: everybody in those that are not open, elsewhere those who are not simply members. */
const insiders = prepared<
  { rooms: string; now: number },
  { room: string; user: string; user_name: string; role: string; muted_until: number | null }
>((db, hole) => {
  const ofRooms = db
    .selectFrom("member as k")
    .innerJoin("room as r", "r.id", "k.room")
    .leftJoin("user as u", "u.id", "k.user")
    .select([
      "k.room",
      "k.user",
      (e) => e.fn.coalesce("u.displayUsername", "k.user_name").as("user_name"),
      "k.role",
      (e) =>
        e
          .case()
          .when("k.muted_until", ">", hole("now"))
          .then(e.ref("k.muted_until"))
          .else(null)
          .end()
          .as("muted_until"),
    ])
    .where("k.room", "in", listed<string>(hole("rooms")));
  return ofRooms.where("r.kind", "<>", sql.lit("open")).unionAll(
    ofRooms
      .where("r.kind", "=", sql.lit("open"))
      // In these words, because the index is made of them.
      .where(sql<boolean>`(k.role <> 'member' or k.muted_until is not null)`),
  );
});

const bannedFrom = prepared<{ rooms: string }, { room: string; user: string }>((db, hole) =>
  db
    .selectFrom("departure")
    .select(["room", "user"])
    .where("room", "in", listed<string>(hole("rooms")))
    .where("banned", "=", sql.lit(1)),
);

const rowsOfAll = prepared<Record<never, never>, RoomRow>((db) =>
  db.selectFrom("room").selectAll().where("deleted_at", "is", null).orderBy("number"),
);

const rowOf = prepared<{ id: string }, RoomRow>((db, hole) =>
  db.selectFrom("room").selectAll().where("id", "=", hole("id")),
);

/** Every room that is not deleted, by number. */
export async function allRooms(db: Kysely<Tables>): Promise<StoredRoom[]> {
  return toRooms(db, await rowsOfAll(db, {}));
}

export async function liveRoom(db: Kysely<Tables>, { id }: { id: string }): Promise<StoredRoom | undefined> {
  const [row] = await rowOf(db, { id });
  return row === undefined || row.deleted_at !== null ? undefined : toRoom(db, row);
}

export async function toRoom(db: Kysely<Tables>, row: RoomRow): Promise<StoredRoom> {
  const [room] = await toRooms(db, [row]);
  if (room === undefined) throw new Error(`room ${row.id} came back as no room`);
  return room;
}

/** Rooms with their people, by two more queries however many rooms. */
async function toRooms(db: Kysely<Tables>, rows: readonly RoomRow[]): Promise<StoredRoom[]> {
  const rooms = JSON.stringify(rows.map(({ id }) => id));
  const inside = Map.groupBy(await insiders(db, { rooms, now: Date.now() }), ({ room }) => room);
  const banned = Map.groupBy(await bannedFrom(db, { rooms }), ({ room }) => room);
  return rows.map((row) => {
    const people = inside.get(row.id) ?? [];
    const names = new Map(people.map(({ user, user_name }) => [user, user_name]));
    return {
      id: row.id,
      number: row.number,
      title: row.title,
      topic: row.topic,
      // Only this folder writes these columns, from the same types.
      kind: row.kind as RoomKind,
      staffOnly: row.staff_only === 1,
      archived: row.archived_at !== null,
      slowModeSeconds: row.slow_mode,
      people: (row.direct_key === null ? [] : peopleOfKey(row.direct_key)).map(
        (id): Author => ({ id, username: names.get(id) ?? "" }),
      ),
      lastSeq: row.last_seq,
      createdAt: row.created_at,
      accessVersion: row.rights,
      members: row.kind === "open" ? null : new Set(names.keys()),
      roles: new Map(people.filter(({ role }) => role !== "member").map(({ user, role }) => [user, role as Role])),
      mutedUntil: new Map(
        people.flatMap(({ user, muted_until }) => (muted_until === null ? [] : [[user, muted_until]])),
      ),
      banned: new Set((banned.get(row.id) ?? []).map(({ user }) => user)),
    };
  });
}
