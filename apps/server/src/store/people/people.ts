import type { Kysely, Selectable } from "kysely";
import { uuidv7 } from "uuidv7";
import { recordChange, type WriteContext } from "../database/context.ts";
import type { Tables, UserRow } from "../database/tables.ts";
import type { NewPerson, PersonChanges, PersonRefusal, PersonRow } from "./account-store.ts";
import { endSessions } from "./sessions.ts";
import { usernameKey } from "./username-key.ts";

function toPerson(row: Selectable<UserRow>): PersonRow {
  return {
    id: row.id,
    username: row.displayUsername,
    email: row.email,
    staff: row.staff === 1,
    superuser: row.superuser === 1,
    active: row.active === 1,
    createdAt: Date.parse(row.createdAt),
  };
}

export async function countPeople(db: Kysely<Tables>): Promise<number> {
  const { count } = await db
    .selectFrom("user")
    .select((e) => e.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

export async function listPeople(db: Kysely<Tables>): Promise<PersonRow[]> {
  return (await db.selectFrom("user").selectAll().orderBy("username").execute()).map(toPerson);
}

export async function findPerson(
  db: Kysely<Tables>,
  { idOrUsername }: { idOrUsername: string },
): Promise<PersonRow | undefined> {
  // An id first: a person might take somebody's id for a name.
  const row =
    (await db.selectFrom("user").selectAll().where("id", "=", idOrUsername).executeTakeFirst()) ??
    (await db.selectFrom("user").selectAll().where("username", "=", usernameKey(idOrUsername)).executeTakeFirst());
  return row && toPerson(row);
}

export async function passwordOf(db: Kysely<Tables>, { id }: { id: string }): Promise<string | undefined> {
  const row = await db
    .selectFrom("account")
    .select("password")
    .where("userId", "=", id)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  return row?.password ?? undefined;
}

export async function createPerson(context: WriteContext, person: NewPerson): Promise<PersonRow | PersonRefusal> {
  const { db } = context;
  const username = usernameKey(person.username);
  const holder = await db
    .selectFrom("user")
    .select("id")
    .where((e) => e.or([e("username", "=", username), e("email", "=", person.email)]))
    .executeTakeFirst();
  if (holder !== undefined) return "taken";
  const at = new Date(context.now).toISOString();
  const row: UserRow = {
    id: person.id,
    name: person.username,
    email: person.email,
    emailVerified: 0,
    image: null,
    createdAt: at,
    updatedAt: at,
    username,
    displayUsername: person.username,
    staff: person.staff || person.superuser ? 1 : 0,
    superuser: person.superuser ? 1 : 0,
    active: 1,
  };
  await db.insertInto("user").values(row).execute();
  await insertPassword(context, person.id, person.password);
  await recordChange(context, { kind: "user", user: person.id });
  return toPerson(row);
}

export async function changePerson(
  context: WriteContext,
  { id, changes }: { id: string; changes: PersonChanges },
): Promise<PersonRow | PersonRefusal> {
  const { db, now } = context;
  const before = await db.selectFrom("user").selectAll().where("id", "=", id).executeTakeFirst();
  if (before === undefined) return "unknown";

  const superuser = changes.superuser ?? (changes.staff === false ? false : before.superuser === 1);
  const staff = superuser || (changes.staff ?? before.staff === 1);
  const active = changes.active ?? before.active === 1;
  // One writer at a time: of two that take the last two superusers away, the second finds one.
  if (before.superuser === 1 && before.active === 1 && !(superuser && active)) {
    const other = await db
      .selectFrom("user")
      .select("id")
      .where("superuser", "=", 1)
      .where("active", "=", 1)
      .where("id", "!=", id)
      .limit(1)
      .executeTakeFirst();
    if (other === undefined) return "last-superuser";
  }
  const displayUsername = changes.username ?? before.displayUsername;
  const username = usernameKey(displayUsername);
  if (username !== before.username) {
    const holder = await db.selectFrom("user").select("id").where("username", "=", username).executeTakeFirst();
    if (holder !== undefined) return "taken";
  }

  const after = await db
    .updateTable("user")
    .set({
      username,
      displayUsername,
      name: displayUsername,
      staff: staff ? 1 : 0,
      superuser: superuser ? 1 : 0,
      active: active ? 1 : 0,
      updatedAt: new Date(now).toISOString(),
    })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (changes.password !== undefined) await replacePassword(context, id, changes.password);
  if (changes.password !== undefined || !active) await endSessions(context, { user: id, keep: null });
  await recordChange(context, { kind: "user", user: id });
  return toPerson(after);
}

/** False: the password is not the one that was checked, because somebody else changed it meanwhile. */
export async function setPassword(
  context: WriteContext,
  { id, from, to, keep }: { id: string; from: string; to: string; keep: string | null },
): Promise<boolean> {
  if ((await passwordOf(context.db, { id })) !== from) return false;
  await replacePassword(context, id, to);
  await endSessions(context, { user: id, keep });
  return true;
}

async function replacePassword(context: WriteContext, user: string, password: string): Promise<void> {
  const { numUpdatedRows } = await context.db
    .updateTable("account")
    .set({ password, updatedAt: new Date(context.now).toISOString() })
    .where("userId", "=", user)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  if (numUpdatedRows === 0n) await insertPassword(context, user, password);
}

/** In the shape in which the accounts library looks for it. */
async function insertPassword({ db, now }: WriteContext, user: string, password: string): Promise<void> {
  const at = new Date(now).toISOString();
  await db
    .insertInto("account")
    .values({
      id: uuidv7(),
      userId: user,
      accountId: user,
      providerId: "credential",
      password,
      accessToken: null,
      refreshToken: null,
      idToken: null,
      accessTokenExpiresAt: null,
      refreshTokenExpiresAt: null,
      scope: null,
      createdAt: at,
      updatedAt: at,
    })
    .execute();
}
