import { type Kysely, sql } from "kysely";
import type { Tables } from "../../database/tables.ts";
import { usernameSkeletons } from "../../people/username-skeleton.ts";

/** What usernames look like, so that an account cannot take a name that is easily confused with another one. */
export async function up(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable("username_skeleton")
    .addColumn("skeleton", "text", (c) => c.notNull())
    .addColumn("user", "text", (c) => c.notNull())
    .addPrimaryKeyConstraint("username_skeleton_pk", ["skeleton", "user"])
    .modifyEnd(sql`without rowid`)
    .execute();
  await sql`create index username_skeleton_user on username_skeleton (user)`.execute(db);
  for (const { id: user, displayUsername } of await db.selectFrom("user").select(["id", "displayUsername"]).execute()) {
    const rows = usernameSkeletons(displayUsername).map((skeleton) => ({ skeleton, user }));
    await db.insertInto("username_skeleton").values(rows).execute();
  }
}
