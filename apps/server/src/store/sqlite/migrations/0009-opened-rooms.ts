import type { Kysely } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** Records when a room was opened to more people, who have nothing unread from before. */
export async function up(db: Kysely<Tables>): Promise<void> {
  for (const column of ["opened_seq", "unrestricted_seq"]) {
    await db.schema
      .alterTable("room")
      .addColumn(column, "bigint", (c) => c.notNull().defaultTo(0))
      .execute();
  }
}
