import type { Author } from "@multichat/protocol";
import { type Kysely, sql } from "kysely";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import { type MessageShape, toAuthor } from "./message-row.ts";

/** Versions shown of one message, at most. */
const SHOWN = 100;

/** Keeps what a message says before that is changed: since when it says so, and who made it say so. */
const keep = prepared<{ n: number }, never>((db, hole) =>
  db
    .insertInto("message_version")
    .columns(["message", "version", "body", "at", "by", "by_name"])
    .expression((e) =>
      e
        .selectFrom("message as m")
        .select([
          "m.n",
          sql<number>`(select coalesce(max(version), 0) + 1 from message_version where message = m.n)`.as("version"),
          "m.body",
          (f) => f.fn.coalesce("m.edited_at", "m.created_at").as("at"),
          sql<string | null>`iif(m.edited_at is null, m.author, m.edited_by)`.as("by"),
          sql<string | null>`iif(m.edited_at is null, m.author_name, m.edited_by_name)`.as("by_name"),
        ])
        .where("m.n", "=", hole("n")),
    ),
);

export async function keepVersion(db: Kysely<Tables>, { n }: MessageShape): Promise<void> {
  await keep(db, { n });
}

/** What a message said before, oldest first; of a message that was edited more often, the latest. */
export async function versions(
  db: Kysely<Tables>,
  { room, message }: { room: string; message: string },
): Promise<Array<{ body: string; at: number; by: Author | null }>> {
  const rows = await db
    .selectFrom("message_version as v")
    .innerJoin("message as m", "m.n", "v.message")
    .leftJoin("user as u", "u.id", "v.by")
    .select(["v.body", "v.at", "v.by", (e) => e.fn.coalesce("u.displayUsername", "v.by_name").as("by_name")])
    .where("m.id", "=", message)
    .where("m.room", "=", room)
    .orderBy("v.version", "desc")
    .limit(SHOWN)
    .execute();
  return rows.reverse().map(({ body, at, by, by_name }) => ({ body, at, by: toAuthor(by, by_name) }));
}
