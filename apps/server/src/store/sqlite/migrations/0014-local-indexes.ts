import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/**
 * Indexes that grow at their end, so that posting costs the same in a large database. Client ids begin with the time, so they
 * come first; before, each author's in each room had a page of its own. The index of authors was only for slow mode, which now
 * has a table of the rooms that are in it.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("slow_mode_post")
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("author", "text", (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("slow_mode_post_pk", ["room", "author"])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`
    insert into slow_mode_post (room, author, at)
    select room, author, max(created_at) from message
    where author is not null and room in (select id from room where slow_mode > 0)
    group by room, author`.execute(db);
  await sql`drop index message_author`.execute(db);
  await sql`drop index message_client`.execute(db);
  await sql`create unique index message_client on message (client_id, room, coalesce(author, ''))`.execute(db);
}
