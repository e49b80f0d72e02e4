import { uuidv7 } from "uuidv7";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { endSessions } from "./sessions.ts";

export async function findPasswordHash({ db }: ReadContext, { id }: { id: string }): Promise<string | undefined> {
  const row = await db
    .selectFrom("account")
    .select("password")
    .where("userId", "=", id)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  return row?.password ?? undefined;
}

export async function setPassword(
  context: WriteContext,
  { id, from, to, keep }: { id: string; from: string; to: string; keep: string | null },
): Promise<boolean> {
  // The hash was checked before this transaction: another change may have replaced it since.
  if ((await findPasswordHash(context, { id })) !== from) return false;
  await replacePassword(context, id, to);
  await context.db.updateTable("user").set({ passwordChangeRequired: 0 }).where("id", "=", id).execute();
  await endSessions(context, { user: id, keep });
  await recordChange(context, { kind: "user", user: id });
  return true;
}

export async function replacePassword(context: WriteContext, user: string, password: string): Promise<void> {
  const { numUpdatedRows } = await context.db
    .updateTable("account")
    .set({ password, updatedAt: new Date(context.now).toISOString() })
    .where("userId", "=", user)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  if (numUpdatedRows === 0n) await insertPassword(context, user, password);
}

/** Stores a password hash as the accounts library expects it. */
export async function insertPassword({ db, now }: WriteContext, user: string, password: string): Promise<void> {
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
