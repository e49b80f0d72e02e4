import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Which events of the logs some process has taken upon itself to tell: of several servers, one tells each. */
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
