import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/**
 * Queues the messages that have an apostrophe, or what stands for one: `hawaii` finds `Hawai'i` now. Until their turn, they are
 * found by their old entries.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`
    insert into search_queue (n)
    select n from message
    where deleted_at is null and body glob ('*[' || ${MARKS} || ']*')
    on conflict do nothing`.execute(db);
}

const MARKS =
  "'`\"\u00b4\u00b7\u02bc\u0384\u055a\u05f3\u05f4\u1fbd\u1fbf\u2018\u2019\u201b\u2027\u2032\u2035\uff07\uff40";
