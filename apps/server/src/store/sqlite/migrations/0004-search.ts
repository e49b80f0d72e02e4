import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/**
 * The full-text index, by the `n` of messages. It does not store the text, and can delete entries without it. `place` holds
 * the labels of the room, the author and the month, so that a search in one small room does not examine the messages of
 * all. There is no prefix index: it would double the cost of posting, and a prefix of two letters among a million messages
 * is found in milliseconds without. Older messages are indexed afterwards, in the background, newest first.
 */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`
    create virtual table message_search using fts5(
      place, said, content = '', contentless_delete = 1,
      tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
    )`.execute(db);
  // The months that have messages.
  await db.schema
    .createTable("search_month")
    .addColumn("month", "text", (c) => c.primaryKey())
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`
    insert into meta (key, value)
    select 'search.below', cast(max(n) + 1 as text) from message having max(n) is not null`.execute(db);
  await sql`insert into meta (key, value) values ('secret.search-cursor', lower(hex(randomblob(16))))`.execute(db);
}
