import type { Member, Role } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { prepared } from "../database/prepared.ts";
import type { MemberRow, Tables } from "../database/tables.ts";

/** A membership as the queries select it; the name is the account's present one, or the last that is known. */
export interface MemberShape {
  user: string;
  user_name: string;
  role: string;
  since: number;
  muted_until: number | null;
}

function memberRows(db: Kysely<Tables>) {
  return db
    .selectFrom("member as k")
    .leftJoin("user as u", "u.id", "k.user")
    .select([
      "k.user",
      (e) => e.fn.coalesce("u.displayUsername", "k.user_name").as("user_name"),
      "k.role",
      "k.since",
      "k.muted_until",
    ]);
}

const memberIn = prepared<{ room: string; user: string }, MemberShape & { seq: number }>((db, hole) =>
  memberRows(db).select("k.seq").where("k.room", "=", hole("room")).where("k.user", "=", hole("user")),
);

const membersIn = prepared<{ room: string; limit: number }, MemberShape>((db, hole) =>
  memberRows(db)
    .where("k.room", "=", hole("room"))
    .orderBy(sql`case k.role when 'owner' then 0 when 'moderator' then 1 else 2 end`)
    .orderBy((e) => e.fn.coalesce("u.username", "k.user_name"))
    .orderBy("k.user")
    .limit(hole("limit")),
);

const countIn = prepared<{ room: string }, { count: number }>((db, hole) =>
  db
    .selectFrom("member")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", hole("room")),
);

const roomsWith = prepared<{ user: string }, MemberShape & { room: string }>((db, hole) =>
  memberRows(db)
    .select("k.room")
    .innerJoin("room as r", "r.id", "k.room")
    .where("k.user", "=", hole("user"))
    .where("r.deleted_at", "is", null),
);

const put = prepared<Omit<MemberRow, "muted_until">, never>((db, hole) =>
  db.insertInto("member").values({
    room: hole("room"),
    user: hole("user"),
    user_name: hole("user_name"),
    role: hole("role"),
    since: hole("since"),
    muted_until: null,
    seq: hole("seq"),
  }),
);

export async function putMember(db: Kysely<Tables>, row: Omit<MemberRow, "muted_until">): Promise<void> {
  await put(db, row);
}

export async function memberRow(
  db: Kysely<Tables>,
  where: { room: string; user: string },
): Promise<(MemberShape & { seq: number }) | undefined> {
  const [row] = await memberIn(db, where);
  return row;
}

export async function countMembers(db: Kysely<Tables>, room: string): Promise<number> {
  const [row] = await countIn(db, { room });
  return row?.count ?? 0;
}

function toMember(row: MemberShape): Member {
  return {
    user: { id: row.user, username: row.user_name },
    // Only this folder writes this column, from the same type.
    role: row.role as Role,
    since: row.since,
    mutedUntil: row.muted_until,
  };
}

export async function findMember(
  db: Kysely<Tables>,
  where: { room: string; user: string },
): Promise<Member | undefined> {
  const row = await memberRow(db, where);
  return row && toMember(row);
}

/** By role, then name. */
export async function listMembers(
  db: Kysely<Tables>,
  { room, limit }: { room: string; limit: number },
): Promise<{ members: Member[]; count: number }> {
  return { members: (await membersIn(db, { room, limit })).map(toMember), count: await countMembers(db, room) };
}

/** The memberships of one person in rooms that are not deleted. */
export async function roomsOf(
  db: Kysely<Tables>,
  { user }: { user: string },
): Promise<Array<readonly [room: string, member: Member]>> {
  return (await roomsWith(db, { user })).map((row) => [row.room, toMember(row)]);
}
