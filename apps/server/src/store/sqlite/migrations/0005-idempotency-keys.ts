import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** The ids that clients gave their changes, so that a retry, however late, has no second effect. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("intent")
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("client_id", "text", (c) => c.notNull())
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("intent_pk", ["user", "client_id"])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index intent_at on intent (at)`.execute(db);
}
