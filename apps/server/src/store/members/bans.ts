import type { Ban } from "@multichat/protocol";
import { sql } from "kysely";
import type { ReadContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { toAuthor } from "../messages/message-row.ts";

interface SelectedBan {
  user: string;
  user_name: string | null;
  by: string | null;
  by_name: string | null;
  at: number;
}

/** With the present usernames, or those of the ban's event. */
const selectBans = prepared<{ room: string; limit: number }, SelectedBan>((db, param) =>
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
    .where("d.room", "=", param("room"))
    // By the partial index of bans: a hundred thousand users may have left an open room.
    .where("d.user", "in", (e) =>
      e.selectFrom("departure").select("user").where("room", "=", param("room")).where("banned", "=", sql.lit(1)),
    )
    .orderBy("d.seq", "desc")
    .limit(param("limit")),
);

const countBans = prepared<{ room: string }, { count: number }>((db, param) =>
  db
    .selectFrom("departure")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("room", "=", param("room"))
    .where("banned", "=", sql.lit(1)),
);

export async function listBans(
  context: ReadContext,
  { room, limit }: { room: string; limit: number },
): Promise<{ readonly banned: readonly Ban[]; readonly count: number }> {
  const [all] = await countBans(context, { room });
  const rows = await selectBans(context, { room, limit });
  return { banned: rows.map(toBan), count: all?.count ?? 0 };
}

function toBan({ user, user_name, by, by_name, at }: SelectedBan): Ban {
  return { user: { id: user, username: user_name ?? "" }, by: toAuthor(by, by_name), at };
}
