import type { Author } from "@multichat/protocol";
import { sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import { countFitting } from "./fitting-bodies.ts";
import { type SelectedMessage, toAuthor } from "./message-row.ts";

/** Versions listed of one message; fewer where they are long, see `countFitting`. */
const MAX_LISTED_VERSIONS = 100;

/** Copies the body before it changes, with the author and the time of its last change. */
const insertFromMessage = prepared<{ n: number }, never>((db, param) =>
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
          sql<string | null>`case when m.edited_at is null then m.author else m.edited_by end`.as("by"),
          sql<string | null>`case when m.edited_at is null then m.author_name else m.edited_by_name end`.as("by_name"),
        ])
        .where("m.n", "=", param("n")),
    ),
);

export async function insertVersion(context: WriteContext, { n }: SelectedMessage): Promise<void> {
  await insertFromMessage(context, { n });
}

export interface MessageVersion {
  readonly body: string;
  readonly at: number;
  readonly by: Author | null;
}

export async function listVersions(
  { db }: ReadContext,
  { room, message }: { room: string; message: string },
): Promise<readonly MessageVersion[]> {
  const latest = db
    .selectFrom("message_version as v")
    .innerJoin("message as m", "m.n", "v.message")
    .where("m.id", "=", message)
    .where("m.room", "=", room)
    .orderBy("v.version", "desc");
  const sizes = await latest
    // Known without reading the bodies.
    .select((e) => e.fn<number>("octet_length", ["v.body"]).as("bytes"))
    .limit(MAX_LISTED_VERSIONS)
    .execute();
  const rows = await latest
    .leftJoin("user as u", "u.id", "v.by")
    .select(["v.body", "v.at", "v.by", (e) => e.fn.coalesce("u.displayUsername", "v.by_name").as("by_name")])
    .limit(countFitting(sizes))
    .execute();
  return rows.reverse().map(({ body, at, by, by_name }) => ({ body, at, by: toAuthor(by, by_name) }));
}
