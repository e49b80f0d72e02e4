import type { Ban } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { toAuthor } from "../messages/message-row.ts";

interface BanShape {
  user: string;
  user_name: string | null;
  by: string | null;
  by_name: string | null;
  at: number;
}

/** The names are the accounts' present ones, or those that the room's log told the ban with. */
const bansIn = prepared<{ room: string; limit: number }, BanShape>((db, hole) =>
  db
    .selectFrom("departure as d")
    .leftJoin("event as e", (on) => on.onRef("e.room", "=", "d.room").onRef("e.seq", "=", "d.seq"))
    .leftJoin("user as u", "u.id", "d.user")
    .leftJoin("user as b", "b.id", "d.by")
    .select([
      "d.user",
      (e) => e.fn.coalesce("u.displayUsername", "e.subject_name").as("user_name"),
      "d.by",
      (e) => e.fn.coalesce("b.displayUsername", "e.actor_name").as("by_name"),
      "d.at",
    ])
    .where("d.room", "=", hole("room"))
    // By the index of the banned alone: an open room may have been left by a hundred thousand.
    .where("d.user", "in", (e) =>
      e.selectFrom("departure").select("user").where("room", "=", hole("room")).where("banned", "=", sql.lit(1)),
    )
    .orderBy("d.seq", "desc")
    .limit(hole("limit")),
);

const countIn = prepared<{ room: string }, { count: number }>((db, hole) =>
  db
    .selectFrom("departure")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", hole("room"))
    .where("banned", "=", sql.lit(1)),
);

/** Who is banned from a room, newest ban first. */
export async function listBans(
  db: Kysely<Tables>,
  { room, limit }: { room: string; limit: number },
): Promise<{ banned: Ban[]; count: number }> {
  const [all] = await countIn(db, { room });
  const rows = await bansIn(db, { room, limit });
  return { banned: rows.map(toBan), count: all?.count ?? 0 };
}

function toBan({ user, user_name, by, by_name, at }: BanShape): Ban {
  return { user: { id: user, username: user_name ?? "" }, by: toAuthor(by, by_name), at };
}
