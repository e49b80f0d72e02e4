import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { deleteResetLink, replacePassword } from "./passwords.ts";
import { deleteSessions, findUsername } from "./sessions.ts";

export interface NewResetLink {
  readonly user: string;
  readonly tokenHash: string;
  readonly expiresAt: number;
  readonly by: AuditSource;
}

/** Stores the only reset link of an account; an earlier one stops working. */
export async function createResetLink(
  context: WriteContext,
  { user, tokenHash, expiresAt, by }: NewResetLink,
): Promise<void> {
  await deleteResetLink(context, user);
  await context.db.insertInto("reset_link").values({ user, token_hash: tokenHash, expires_at: expiresAt }).execute();
  const target = await findUsername(context, user);
  await auditChange(context, { action: "reset-link.create", target, details: { expiresAt }, by });
}

/** Returns the account that a link is for; undefined where it has expired, or the account is not active. */
export async function findResetLink(
  { db }: ReadContext,
  { tokenHash, now }: { readonly tokenHash: string; readonly now: number },
): Promise<{ readonly user: string; readonly username: string } | undefined> {
  return db
    .selectFrom("reset_link as l")
    .innerJoin("user as u", "u.id", "l.user")
    .select(["u.id as user", "u.displayUsername as username"])
    .where("l.token_hash", "=", tokenHash)
    .where("l.expires_at", ">", now)
    .where("u.active", "=", 1)
    .executeTakeFirst();
}

export interface PasswordReset {
  readonly tokenHash: string;
  /** The new password's hash. */
  readonly password: string;
  readonly by: AuditSource;
}

/** Sets the password and ends all sessions. Returns false where the link does not work any more. */
export async function resetPassword(
  context: WriteContext,
  { tokenHash, password, by }: PasswordReset,
): Promise<boolean> {
  const link = await findResetLink(context, { tokenHash, now: context.now });
  if (link === undefined) return false;
  const { user, username } = link;
  await replacePassword(context, user, password);
  await context.db.updateTable("user").set({ passwordChangeRequired: 0 }).where("id", "=", user).execute();
  const sessions = await deleteSessions(context, { user, keep: null });
  await recordChange(context, { kind: "user", user });
  await auditChange(context, { action: "password.reset", target: username, details: { sessions }, by });
  return true;
}
