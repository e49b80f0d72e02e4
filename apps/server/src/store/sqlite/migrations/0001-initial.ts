import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Rooms and their logs, people and their sessions, settings, and what processes tell each other. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("setting")
    .addColumn("key", "text", (c) => c.primaryKey())
    .addColumn("value", "text", (c) => c.notNull())
    .execute();

  await db.schema
    .createTable("room")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("number", "integer", (c) => c.notNull().unique())
    .addColumn("title", "text", (c) => c.notNull())
    .addColumn("topic", "text", (c) => c.notNull().defaultTo(""))
    .addColumn("staff_only", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("archived_at", "bigint")
    .addColumn("deleted_at", "bigint")
    .addColumn("created_by", "text")
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .addColumn("last_seq", "bigint", (c) => c.notNull().defaultTo(0))
    .addColumn("rights", "bigint", (c) => c.notNull().defaultTo(1))
    .execute();

  await db.schema
    .createTable("event")
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("actor", "text")
    .addColumn("actor_name", "text")
    .addColumn("message", "text")
    .addColumn("data", "text")
    .addColumn("at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("event_pk", ["room", "seq"])
    // The log is read in the order of its key alone, so the table is stored in it.
    .modifyEnd(sql`without rowid`)
    .execute();

  await db.schema
    .createTable("message")
    .addColumn("n", "integer", (c) => c.primaryKey())
    .addColumn("id", "text", (c) => c.notNull().unique())
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addColumn("author", "text")
    .addColumn("author_name", "text")
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("body", "text", (c) => c.notNull())
    .addColumn("created_at", "bigint", (c) => c.notNull())
    .execute();
  // With the author, so that unread counts are answered by the index alone.
  await sql`create index message_place on message (room, seq, author)`.execute(db);
  // Notices have no author, and every NULL would count as different.
  await sql`create unique index message_client on message (room, coalesce(author, ''), client_id)`.execute(db);

  await db.schema
    .createTable("mention")
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("mention_pk", ["user", "room", "seq"])
    .modifyEnd(sql`without rowid`)
    .execute();

  await db.schema
    .createTable("marker")
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("read_seq", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("marker_pk", ["user", "room"])
    .modifyEnd(sql`without rowid`)
    .execute();

  await db.schema
    .createTable("change")
    .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
    .addColumn("origin", "text", (c) => c.notNull())
    .addColumn("kind", "text", (c) => c.notNull())
    .addColumn("data", "text", (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    .execute();

  await db.schema
    .createTable("user")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("name", "text", (c) => c.notNull())
    .addColumn("email", "text", (c) => c.notNull().unique())
    .addColumn("emailVerified", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("image", "text")
    .addColumn("createdAt", "text", (c) => c.notNull())
    .addColumn("updatedAt", "text", (c) => c.notNull())
    .addColumn("username", "text", (c) => c.notNull().unique())
    .addColumn("displayUsername", "text", (c) => c.notNull())
    .addColumn("staff", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("superuser", "integer", (c) => c.notNull().defaultTo(0))
    .addColumn("active", "integer", (c) => c.notNull().defaultTo(1))
    .addCheckConstraint("superuser_is_staff", sql`superuser = 0 or staff = 1`)
    .execute();

  await db.schema
    .createTable("session")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("userId", "text", (c) => c.notNull().references("user.id").onDelete("cascade"))
    .addColumn("token", "text", (c) => c.notNull().unique())
    .addColumn("expiresAt", "text", (c) => c.notNull())
    .addColumn("createdAt", "text", (c) => c.notNull())
    .addColumn("updatedAt", "text", (c) => c.notNull())
    .addColumn("ipAddress", "text")
    .addColumn("userAgent", "text")
    .execute();
  await db.schema.createIndex("session_user").on("session").column("userId").execute();
  await db.schema.createIndex("session_expiry").on("session").column("expiresAt").execute();

  await db.schema
    .createTable("account")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("userId", "text", (c) => c.notNull().references("user.id").onDelete("cascade"))
    .addColumn("accountId", "text", (c) => c.notNull())
    .addColumn("providerId", "text", (c) => c.notNull())
    .addColumn("password", "text")
    .addColumn("accessToken", "text")
    .addColumn("refreshToken", "text")
    .addColumn("idToken", "text")
    .addColumn("accessTokenExpiresAt", "text")
    .addColumn("refreshTokenExpiresAt", "text")
    .addColumn("scope", "text")
    .addColumn("createdAt", "text", (c) => c.notNull())
    .addColumn("updatedAt", "text", (c) => c.notNull())
    .addUniqueConstraint("account_provider", ["providerId", "accountId"])
    .execute();
  await db.schema.createIndex("account_user").on("account").column("userId").execute();

  await db.schema
    .createTable("verification")
    .addColumn("id", "text", (c) => c.primaryKey())
    .addColumn("identifier", "text", (c) => c.notNull())
    .addColumn("value", "text", (c) => c.notNull())
    .addColumn("expiresAt", "text", (c) => c.notNull())
    .addColumn("createdAt", "text", (c) => c.notNull())
    .addColumn("updatedAt", "text", (c) => c.notNull())
    .execute();
  await db.schema.createIndex("verification_identifier").on("verification").column("identifier").execute();
}
