import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";

/** What users set for rooms: the level of notifications, and the star. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("room_preference")
    .addColumn("user", "text", (c) => c.notNull())
    .addColumn("room", "text", (c) => c.notNull().references("room.id"))
    .addColumn("notify", "text", (c) => c.notNull())
    .addColumn("starred", "integer", (c) => c.notNull())
    .addPrimaryKeyConstraint("room_preference_pk", ["user", "room"])
    .modifyEnd(sql`without rowid`)
    .execute();
}
