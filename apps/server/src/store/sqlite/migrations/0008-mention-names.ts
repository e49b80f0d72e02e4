import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** The names by which a message mentions its users. For the messages that are there, these are their present ones. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema.alterTable("message").addColumn("mention_names", "text").execute();
  await sql`
    update message set mention_names = (
      select json_group_array(username) from "user" where id in (select value from json_each(message.mentions))
    ) where mentions is not null`.execute(db);
}
