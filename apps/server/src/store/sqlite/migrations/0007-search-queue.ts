import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/**
 * The queue of the messages that are not indexed yet. It starts with every message, because words are folded differently
 * now (`lodz` finds `łódź`); until their turn, messages are found by their old entries.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`create table search_queue (n integer primary key)`.execute(db);
  await sql`insert into search_queue (n) select n from message where deleted_at is null and body <> ''`.execute(db);
  await sql`delete from meta where key = 'search.below'`.execute(db);
}
