import { type Kysely, sql } from "kysely";
import type { Tables } from "../database/tables.ts";
import { SHARED_KEY, usernameKey } from "./username-key.ts";
import { usernameSkeletons } from "./username-skeleton.ts";

interface Name {
  readonly id: string;
  readonly username: string;
  readonly displayUsername: string;
}

/**
 * Stores the keys of usernames as they are computed now. Where two names become one, the account whose key does not change keeps
 * it, otherwise the oldest one. Any other one gets a key that no name has: nothing of it is lost, `doctor` lists it, and its user
 * signs in with the name exactly as it is shown.
 */
export async function refoldNames(db: Kysely<Tables>): Promise<void> {
  const names: readonly Name[] = await db
    .selectFrom("user")
    .select(["id", "username", "displayUsername"])
    .orderBy("createdAt")
    .orderBy("id")
    .execute();
  const owners = new Map<string, Name>();
  for (const name of names) {
    const key = usernameKey(name.displayUsername);
    if (key === name.username || !owners.has(key)) owners.set(key, name);
  }
  const changes = names.flatMap((name) => {
    const key = usernameKey(name.displayUsername);
    const username = owners.get(key) === name ? key : `${key}${SHARED_KEY}${name.id}`;
    return username === name.username ? [] : [{ ...name, username }];
  });
  // Until all are free: an account may get the key that another one gives up.
  for (const { id } of changes) {
    await db
      .updateTable("user")
      .set({ username: `#${id}` })
      .where("id", "=", id)
      .execute();
  }
  for (const { id, username, displayUsername } of changes) {
    await db.updateTable("user").set({ username }).where("id", "=", id).execute();
    await db.deleteFrom("username_skeleton").where("user", "=", id).execute();
    const rows = usernameSkeletons(displayUsername).map((skeleton) => ({ skeleton, user: id }));
    await db.insertInto("username_skeleton").values(rows).execute();
  }
  await foldMentionNames(db);
}

/** The names in messages are compared with what the page folds. */
async function foldMentionNames(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ names: string }>`
    select distinct mention_names as names from message where mention_names is not null`.execute(db);
  for (const { names } of rows) {
    // Written as a list of strings.
    const folded = JSON.stringify((JSON.parse(names) as string[]).map(usernameKey));
    if (folded === names) continue;
    await sql`update message set mention_names = ${folded} where mention_names = ${names}`.execute(db);
  }
}
