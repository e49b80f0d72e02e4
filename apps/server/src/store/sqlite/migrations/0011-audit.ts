import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** The audit log. Rows are only ever added; each holds a hash over itself and the hash of the row before it. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("audit")
    .addColumn("n", "integer", (c) => c.primaryKey())
    .addColumn("at", "bigint", (c) => c.notNull())
    .addColumn("action", "text", (c) => c.notNull())
    .addColumn("outcome", "text", (c) => c.notNull())
    .addColumn("actor", "text")
    .addColumn("actor_name", "text")
    .addColumn("target", "text")
    .addColumn("address", "text")
    .addColumn("request", "text")
    .addColumn("details", "text", (c) => c.notNull())
    .addColumn("hash", "text", (c) => c.notNull())
    .execute();
  for (const change of ["update", "delete"]) {
    await sql
      .raw(`
        create trigger audit_no_${change} before ${change} on audit begin
          select raise(abort, 'the audit log is append-only');
        end`)
      .execute(db);
  }
}
