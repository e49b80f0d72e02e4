import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** How often a user has moved a read marker back. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .alterTable("marker")
    .addColumn("revision", "integer", (c) => c.notNull().defaultTo(0))
    .execute();
}
