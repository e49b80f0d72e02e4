import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Links by which people create their own accounts, and links by which they choose another password. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("invitation")
    .addColumn("id", "text", (c) => c.notNull().primaryKey())
    .addColumn("token_hash", "text", (c) => c.notNull().unique())
    .addColumn("created_by", "text")
    .addColumn("created_by_name", "text")
    .addColumn("created_at", "integer", (c) => c.notNull())
    .addColumn("expires_at", "integer")
    .addColumn("max_uses", "integer")
    .addColumn("uses", "integer", (c) => c.notNull())
    .addColumn("staff", "integer", (c) => c.notNull())
    .addColumn("rooms", "text", (c) => c.notNull())
    .addColumn("revoked_at", "integer")
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index invitation_created on invitation (created_at)`.execute(db);
  await db.schema
    .createTable("invitation_use")
    .addColumn("invitation", "text", (c) => c.notNull().references("invitation.id"))
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("user_name", "text", (c) => c.notNull())
    .addColumn("at", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("invitation_use_key", ["invitation", "user"])
    .modifyEnd(sql`without rowid`)
    .execute();
  await db.schema
    .createTable("reset_link")
    .addColumn("user", "text", (c) => c.notNull().primaryKey())
    .addColumn("token_hash", "text", (c) => c.notNull().unique())
    .addColumn("expires_at", "integer", (c) => c.notNull())
    .modifyEnd(sql`without rowid`)
    .execute();
}
