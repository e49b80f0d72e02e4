import { uuidv7 } from "uuidv7";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { deleteSessions, findUsername } from "./sessions.ts";

export async function findPasswordHash({ db }: ReadContext, { id }: { id: string }): Promise<string | undefined> {
  const row = await db
    .selectFrom("account")
    .select("password")
    .where("userId", "=", id)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  return row?.password ?? undefined;
}

export interface SetPassword {
  readonly id: string;
  /** The hash that the caller has verified. */
  readonly from: string;
  readonly to: string;
  /** The session that stays. */
  readonly keep: string | null;
  readonly by?: AuditSource | undefined;
}

export async function setPassword(context: WriteContext, { id, from, to, keep, by }: SetPassword): Promise<boolean> {
  // The hash was checked before this transaction: another change may have replaced it since.
  if ((await findPasswordHash(context, { id })) !== from) return false;
  await replacePassword(context, id, to);
  await context.db.updateTable("user").set({ passwordChangeRequired: 0 }).where("id", "=", id).execute();
  const sessions = await deleteSessions(context, { user: id, keep });
  await recordChange(context, { kind: "user", user: id });
  const target = await findUsername(context, id);
  await auditChange(context, { action: "password.change", target, details: { sessions }, by });
  return true;
}

/** Replaces the password, and ends a reset link: it was for the password before. */
export async function replacePassword(context: WriteContext, user: string, password: string): Promise<void> {
  await deleteResetLink(context, user);
  const { numUpdatedRows } = await context.db
    .updateTable("account")
    .set({ password, updatedAt: new Date(context.now).toISOString() })
    .where("userId", "=", user)
    .where("providerId", "=", "credential")
    .executeTakeFirst();
  if (numUpdatedRows === 0n) await insertPassword(context, user, password);
}

export async function deleteResetLink({ db }: WriteContext, user: string): Promise<void> {
  await db.deleteFrom("reset_link").where("user", "=", user).execute();
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
