import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Names the claims of events, the idempotency keys and the access version as the code does. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable("told").renameTo("event_claim").execute();
  await db.schema.alterTable("intent").renameTo("idempotency_key").execute();
  await sql`drop index intent_at`.execute(db);
  await sql`create index idempotency_key_at on idempotency_key (at)`.execute(db);
  await db.schema.alterTable("room").renameColumn("rights", "access_version").execute();
}
