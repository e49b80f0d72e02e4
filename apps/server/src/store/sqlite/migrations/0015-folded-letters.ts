import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/**
 * Queues the messages whose words are folded differently now: `a` finds `Ⱥ`, `hawaii` finds `Hawaiʻi`, `12` finds `᱑᱒`. Until
 * their turn, they are found by their old entries. Messages in ASCII keep theirs.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`
    insert into search_queue (n)
    select n from message
    where deleted_at is null and body glob ('*[^' || char(1) || '-' || char(127) || ']*')
    on conflict do nothing`.execute(db);
}
