import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { hashSessionToken } from "../../people/session-token.ts";

/**
 * Replaces the tokens of sessions by their hashes, so that a copy of the database signs nobody in. Everybody stays signed in.
 * Sessions also record when their user last entered the password, and accounts whether they have to choose a new one.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`alter table session add column "confirmedAt" text`.execute(db);
  await sql`alter table user add column "passwordChangeRequired" integer not null default 0`.execute(db);
  // Otherwise the replaced tokens would remain in free parts of the file.
  const { rows } = await sql<{ secure_delete: number }>`pragma secure_delete`.execute(db);
  await sql`pragma secure_delete = on`.execute(db);
  for (const { id, token } of await db.selectFrom("session").select(["id", "token"]).execute()) {
    await db
      .updateTable("session")
      .set({ token: hashSessionToken(token) })
      .where("id", "=", id)
      .execute();
  }
  await sql.raw(`pragma secure_delete = ${rows[0]?.secure_delete ?? 0}`).execute(db);
}
