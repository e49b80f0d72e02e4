import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Names the claims of events, the idempotency keys and the access version as the code does. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`alter table told rename to event_claim`.execute(db);
  await sql`alter table intent rename to idempotency_key`.execute(db);
  await sql`drop index intent_at`.execute(db);
  await sql`create index idempotency_key_at on idempotency_key (at)`.execute(db);
  await sql`alter table room rename column rights to access_version`.execute(db);
}
