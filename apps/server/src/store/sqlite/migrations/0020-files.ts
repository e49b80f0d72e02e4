import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Uploaded files, the messages that they are in, and the contents that no file has any more. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable("message").addColumn("files", "text").execute();
  await db.schema
    .createTable("file")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("author", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull())
    .addColumn("key", "text", (c) => c.notNull())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("type", "text", (c) => c.notNull())
    .addColumn("bytes", "integer", (c) => c.notNull())
    .addColumn("width", "integer")
    .addColumn("height", "integer")
    .addColumn("created_at", "integer", (c) => c.notNull())
    .addColumn("message", "integer", (c) => c.references("message.n"))
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create unique index file_client on file (author, client_id)`.execute(db);
  // With the size, so that quotas are answered by the index alone.
  await sql`create index file_author on file (author, bytes)`.execute(db);
  await sql`create index file_room on file (room)`.execute(db);
  await sql`create index file_hash on file (hash, key)`.execute(db);
  await sql`create index file_key on file (key)`.execute(db);
  await sql`create index file_message on file (message) where message is not null`.execute(db);
  await sql`create index file_unposted on file (created_at) where message is null`.execute(db);
  await db.schema
    .createTable("file_removal")
    .addColumn("key", "text", (c) => c.notNull().primaryKey())
    .addColumn("at", "integer", (c) => c.notNull())
    .modifyEnd(sql`without rowid`)
    .execute();
}
