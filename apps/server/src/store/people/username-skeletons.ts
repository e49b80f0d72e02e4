import type { ReadContext, WriteContext } from "../database/context.ts";
import { usernameSkeletons, usernameStem } from "./username-skeleton.ts";

/** The name, and its stem with the ends that others may have taken. */
function namesOfStem(username: string): readonly string[] {
  const stem = usernameStem(username);
  return [username, stem, `${stem}.`, `${stem}_`, `${stem}-`];
}

/** Whether a username looks like that of another account than `user`. */
export async function isConfusable(
  { db }: ReadContext,
  { username, user }: { username: string; user: string },
): Promise<boolean> {
  const other = await db
    .selectFrom("username_skeleton")
    .select("user")
    .where("skeleton", "in", namesOfStem(username).flatMap(usernameSkeletons))
    .where("user", "!=", user)
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
}

export async function storeSkeletons(
  { db }: WriteContext,
  { username, user }: { username: string; user: string },
): Promise<void> {
  await db.deleteFrom("username_skeleton").where("user", "=", user).execute();
  const rows = usernameSkeletons(username).map((skeleton) => ({ skeleton, user }));
  await db.insertInto("username_skeleton").values(rows).execute();
}
