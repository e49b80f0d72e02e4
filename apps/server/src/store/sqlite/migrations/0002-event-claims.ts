import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** The events that a server has claimed: of several servers, one publishes each. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("told")
    .addColumn("room", "text", (c) => c.notNull())
    .addColumn("seq", "bigint", (c) => c.notNull())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addPrimaryKeyConstraint("told_pk", ["room", "seq"])
    .modifyEnd(sql`without rowid`)
    .execute();
}
