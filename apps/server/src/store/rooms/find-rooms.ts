import type { Role, RoomKind } from "@multichat/protocol";
import { type Selectable, sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { RoomRow } from "../database/tables.ts";
import { peopleOfDirectKey } from "./direct-key.ts";
import type { StoredRoom } from "./stored-room.ts";

interface SelectedMember {
  room: string;
  user: string;
  user_name: string;
  role: string;
  muted_until: number | null;
  /** Null where the account is deleted. */
  active: number | null;
}

/**
 * Selects all members of private and direct rooms; of open rooms, which may have a hundred thousand, only those with a role
 * or a mute.
 */
const selectMembers = prepared<{ rooms: string; now: number }, SelectedMember>((db, param, dialect) => {
  const members = db
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
          .when("k.muted_until", ">", param("now"))
          .then(e.ref("k.muted_until"))
          .else(null)
          .end()
          .as("muted_until"),
      "u.active",
    ])
    .where("k.room", "in", dialect.jsonElements(param("rooms")));
  return members.where("r.kind", "<>", sql.lit("open")).unionAll(
    members
      .where("r.kind", "=", sql.lit("open"))
      // Word for word the condition of the partial index.
      .where(sql<boolean>`(k.role <> 'member' or k.muted_until is not null)`),
  );
});

const selectBanned = prepared<{ rooms: string }, { room: string; user: string }>((db, param, dialect) =>
  db
    .selectFrom("departure")
    .select(["room", "user"])
    .where("room", "in", dialect.jsonElements(param("rooms")))
    .where("banned", "=", sql.lit(1)),
);

const selectRooms = prepared<Record<never, never>, Selectable<RoomRow>>((db) =>
  db.selectFrom("room").selectAll().where("deleted_at", "is", null).orderBy("number"),
);

const selectRoom = prepared<{ id: string }, Selectable<RoomRow>>((db, param) =>
  db.selectFrom("room").selectAll().where("id", "=", param("id")).where("deleted_at", "is", null),
);

/** Returns every room that is not deleted, ordered by number. */
export async function listRooms(context: ReadContext): Promise<readonly StoredRoom[]> {
  return toRooms(context, await selectRooms(context, {}));
}

/** Returns a room that is not deleted. */
export async function findRoom(context: ReadContext, { id }: { id: string }): Promise<StoredRoom | undefined> {
  const [row] = await selectRoom(context, { id });
  return row && toRoom(context, row);
}

export async function toRoom(context: ReadContext, row: Selectable<RoomRow>): Promise<StoredRoom> {
  const [room] = await toRooms(context, [row]);
  if (room === undefined) throw new Error(`expected a room of row ${row.id}`);
  return room;
}

/** Adds the members and bans, by two more queries for any number of rooms. */
async function toRooms(context: ReadContext, rows: readonly Selectable<RoomRow>[]): Promise<StoredRoom[]> {
  const rooms = JSON.stringify(rows.map(({ id }) => id));
  const members = Map.groupBy(await selectMembers(context, { rooms, now: Date.now() }), ({ room }) => room);
  const banned = Map.groupBy(await selectBanned(context, { rooms }), ({ room }) => room);
  return rows.map((row) =>
    assembleRoom(
      row,
      members.get(row.id) ?? [],
      (banned.get(row.id) ?? []).map(({ user }) => user),
    ),
  );
}

function assembleRoom(
  row: Selectable<RoomRow>,
  members: readonly SelectedMember[],
  banned: readonly string[],
): StoredRoom {
  const names = new Map(members.map(({ user, user_name }) => [user, user_name]));
  const deactivated = new Set(members.filter(({ active }) => active !== 1).map(({ user }) => user));
  const people = row.direct_key === null ? [] : peopleOfDirectKey(row.direct_key);
  return {
    id: row.id,
    number: row.number,
    title: row.title,
    topic: row.topic,
    // The kind and the roles are written by this store alone, from the same types.
    kind: row.kind as RoomKind,
    staffOnly: row.staff_only === 1,
    archived: row.archived_at !== null,
    slowModeSeconds: row.slow_mode,
    people: people.map((id) => ({
      id,
      username: names.get(id) ?? "",
      ...(deactivated.has(id) ? { deactivated: true } : {}),
    })),
    lastSeq: row.last_seq,
    createdAt: row.created_at,
    accessVersion: row.access_version,
    members: row.kind === "open" ? null : new Set(names.keys()),
    roles: new Map(members.filter(({ role }) => role !== "member").map(({ user, role }) => [user, role as Role])),
    mutedUntil: new Map(
      members.flatMap(({ user, muted_until }) => (muted_until === null ? [] : [[user, muted_until]])),
    ),
    banned: new Set(banned),
  };
}
