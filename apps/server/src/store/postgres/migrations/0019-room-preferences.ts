import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** What users set for rooms: the level of notifications, and the star. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await sql`
    create table room_preference (
      "user" text collate "C" not null,
      room text collate "C" not null references room (id),
      notify text collate "C" not null,
      starred integer not null,
      primary key ("user", room)
    )`.execute(db);
}
