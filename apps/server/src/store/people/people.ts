import type { Selectable } from "kysely";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import type { UserRow } from "../database/tables.ts";
import { startReadingOpenRooms, startReadingStaffRooms } from "../markers/markers.ts";
import { deleteResetLink, insertPassword, replacePassword } from "./passwords.ts";
import type { NewPerson, PersonPatch, PersonRefusal, PersonRow } from "./person.ts";
import { deleteSessions } from "./sessions.ts";
import { AFTER_SHARED_KEY, SHARED_KEY, usernameKey } from "./username-key.ts";
import { isConfusable, storeSkeletons } from "./username-skeletons.ts";

/** Accounts that had different names before a change of their comparison: more spellings than a name has. */
const MAX_SHARING = 100;

function toPerson(row: Selectable<UserRow>): PersonRow {
  return {
    id: row.id,
    username: row.displayUsername,
    email: row.email,
    staff: row.staff === 1,
    superuser: row.superuser === 1,
    active: row.active === 1,
    passwordChangeRequired: row.passwordChangeRequired === 1,
    createdAt: Date.parse(row.createdAt),
  };
}

export async function countPeople({ db }: ReadContext): Promise<number> {
  const { count } = await db
    .selectFrom("user")
    .select((e) => e.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

export async function listPeople({ db }: ReadContext): Promise<readonly PersonRow[]> {
  return (await db.selectFrom("user").selectAll().orderBy("username").execute()).map(toPerson);
}

export async function findPerson(
  { db }: ReadContext,
  { idOrUsername }: { idOrUsername: string },
): Promise<PersonRow | undefined> {
  // The id first: a username could be the id of another account.
  const row =
    (await db.selectFrom("user").selectAll().where("id", "=", idOrUsername).executeTakeFirst()) ??
    (await db.selectFrom("user").selectAll().where("username", "=", usernameKey(idOrUsername)).executeTakeFirst());
  return row && toPerson(row);
}

/** Returns the key of the account with exactly this name, where the name is the same as that of another account by now. */
export async function findSharedKey(
  { db }: ReadContext,
  { username }: { username: string },
): Promise<string | undefined> {
  const key = usernameKey(username);
  const rows = await db
    .selectFrom("user")
    .select(["username", "displayUsername"])
    .where("username", ">=", key + SHARED_KEY)
    .where("username", "<", key + AFTER_SHARED_KEY)
    .limit(MAX_SHARING)
    .execute();
  return rows.find((row) => row.displayUsername.normalize("NFC") === username.normalize("NFC"))?.username;
}

export async function createPerson(
  context: WriteContext,
  { by, ...person }: NewPerson & { readonly by?: AuditSource | undefined },
): Promise<PersonRow | PersonRefusal> {
  const { db } = context;
  const username = usernameKey(person.username);
  const holder = await db
    .selectFrom("user")
    .select("id")
    .where((e) => e.or([e("username", "=", username), e("email", "=", person.email)]))
    .executeTakeFirst();
  if (holder !== undefined) return "taken";
  if (await isConfusable(context, { username: person.username, user: person.id })) return "confusable";
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
    passwordChangeRequired: person.passwordChangeRequired ? 1 : 0,
  };
  await db.insertInto("user").values(row).execute();
  await storeSkeletons(context, { username: person.username, user: person.id });
  await insertPassword(context, person.id, person.password);
  await startReadingOpenRooms(context, { id: person.id, staff: row.staff === 1 });
  await recordChange(context, { kind: "user", user: person.id });
  const created = toPerson(row);
  const { staff, superuser, passwordChangeRequired } = created;
  await auditChange(context, {
    action: "person.create",
    target: created.username,
    details: { staff, superuser, ...(passwordChangeRequired ? { passwordChangeRequired } : {}) },
    by,
  });
  return created;
}

export async function changePerson(
  context: WriteContext,
  { id, changes, by }: { id: string; changes: PersonPatch; by?: AuditSource | undefined },
): Promise<PersonRow | PersonRefusal> {
  const { db, now } = context;
  const before = await db.selectFrom("user").selectAll().where("id", "=", id).executeTakeFirst();
  if (before === undefined) return "unknown";

  const superuser = changes.superuser ?? (changes.staff === false ? false : before.superuser === 1);
  const staff = superuser || (changes.staff ?? before.staff === 1);
  const active = changes.active ?? before.active === 1;
  // Relies on writes that run one after another: of two that demote the last two superusers, the second finds one.
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
  // An account whose name became that of another one by a migration keeps its own key until it is renamed.
  const username = changes.username === undefined ? before.username : usernameKey(displayUsername);
  if (username !== before.username) {
    const holder = await db.selectFrom("user").select("id").where("username", "=", username).executeTakeFirst();
    if (holder !== undefined) return "taken";
  }
  if (displayUsername !== before.displayUsername) {
    if (await isConfusable(context, { username: displayUsername, user: id })) return "confusable";
    await storeSkeletons(context, { username: displayUsername, user: id });
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
      passwordChangeRequired: (changes.passwordChangeRequired ?? before.passwordChangeRequired === 1) ? 1 : 0,
      updatedAt: new Date(now).toISOString(),
    })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();
  // The creator of the link may not be allowed to set the password of such an account.
  if ((staff && before.staff !== 1) || (superuser && before.superuser !== 1) || !active)
    await deleteResetLink(context, id);
  if (staff && before.staff !== 1) await startReadingStaffRooms(context, { id });
  if (changes.password !== undefined) await replacePassword(context, id, changes.password);
  const endsSessions = changes.password !== undefined || !active;
  const sessions = endsSessions ? await deleteSessions(context, { user: id, keep: null }) : 0;
  await recordChange(context, { kind: "user", user: id });
  const changed = toPerson(after);
  await auditChange(context, {
    action: "person.change",
    target: changed.username,
    details: { ...describeChanges(toPerson(before), changed, changes), ...(sessions === 0 ? {} : { sessions }) },
    by,
  });
  return changed;
}

const FLAGS = ["staff", "superuser", "active", "passwordChangeRequired"] as const;

/** Returns the requested changes and those that follow from them: an account that loses the staff flag is no superuser either. */
function describeChanges(before: PersonRow, after: PersonRow, asked: PersonPatch): Record<string, string | boolean> {
  const flags = FLAGS.filter((flag) => asked[flag] !== undefined || before[flag] !== after[flag]);
  return {
    ...Object.fromEntries(flags.map((flag) => [flag, after[flag]])),
    ...(before.username === after.username ? {} : { previousUsername: before.username }),
    ...(asked.password === undefined ? {} : { password: "given" }),
  };
}
