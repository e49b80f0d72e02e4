import { type Expression, type Kysely, sql } from "kysely";
import { type AuditSource, auditChange } from "../audit/audit-log.ts";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import type { ActiveSession, SessionActivity, SessionSummary } from "./session.ts";

// The database itself records the end of a session in the change feed (by a trigger), because the accounts
// library deletes sessions too.

/** A session ends after this time, however often it is used. */
export const MAX_SESSION_LIFETIME_MS = 90 * 24 * 60 * 60_000;
/** Sessions of one account. Another sign-in ends the one that was not used for longest. */
export const MAX_SESSIONS_PER_ACCOUNT = 50;

export interface SelectedSession {
  id: string;
  user: string;
  username: string;
  staff: number;
  superuser: number;
  passwordChangeRequired: number;
  confirmedAt: string;
  expiresAt: string;
  updatedAt: string;
}

/** Selects an active session; the hash of its token and the time are the query's parameters, in this order. */
export function selectSessionByTokenHash(db: Kysely<Tables>, tokenHash: Expression<string>, now: Expression<string>) {
  return db
    .selectFrom("session as s")
    .innerJoin("user as u", "u.id", "s.userId")
    .select([
      "s.id",
      "u.id as user",
      "u.displayUsername as username",
      "u.staff",
      "u.superuser",
      "u.passwordChangeRequired",
      (e) => e.fn.coalesce("s.confirmedAt", "s.createdAt").as("confirmedAt"),
      "s.expiresAt",
      "s.updatedAt",
    ])
    .where("s.token", "=", tokenHash)
    .where("s.expiresAt", ">", now)
    .where("u.active", "=", sql.lit(1));
}

const selectSession = prepared<{ tokenHash: string; now: string }, SelectedSession>((db, param) =>
  selectSessionByTokenHash(db, param("tokenHash"), param("now")),
);

export async function findSession(
  context: ReadContext,
  { tokenHash }: { tokenHash: string },
): Promise<ActiveSession | undefined> {
  const [row] = await selectSession(context, { tokenHash, now: new Date().toISOString() });
  return row && toActiveSession(row);
}

export function toActiveSession(row: SelectedSession): ActiveSession {
  return {
    id: row.id,
    user: row.user,
    username: row.username,
    staff: row.staff === 1,
    superuser: row.superuser === 1,
    passwordChangeRequired: row.passwordChangeRequired === 1,
    confirmedAt: Date.parse(row.confirmedAt),
    expiresAt: Date.parse(row.expiresAt),
    lastSeenAt: Date.parse(row.updatedAt),
  };
}

export async function listSessions(
  { db }: ReadContext,
  { user }: { user: string },
): Promise<readonly SessionSummary[]> {
  const rows = await db
    .selectFrom("session")
    .selectAll()
    .where("userId", "=", user)
    .where("expiresAt", ">", new Date().toISOString())
    .orderBy("updatedAt", "desc")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    createdAt: Date.parse(row.createdAt),
    lastSeenAt: Date.parse(row.updatedAt),
    userAgent: row.userAgent,
    address: row.ipAddress === "" ? null : row.ipAddress,
  }));
}

interface ByAccount {
  readonly user: string;
  readonly by?: AuditSource | undefined;
}

export async function endSession(
  context: WriteContext,
  { user, session, by }: ByAccount & { session: string },
): Promise<boolean> {
  const { numDeletedRows } = await context.db
    .deleteFrom("session")
    .where("id", "=", session)
    .where("userId", "=", user)
    .executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  const target = await findUsername(context, user);
  await auditChange(context, { action: "session.end", target, details: { session }, by });
  return true;
}

export async function endSessions(
  context: WriteContext,
  { user, keep, by }: ByAccount & { keep: string | null },
): Promise<number> {
  const sessions = await deleteSessions(context, { user, keep });
  const target = await findUsername(context, user);
  await auditChange(context, { action: "session.end-others", target, details: { sessions }, by });
  return sessions;
}

/** Ends all sessions of a user but `keep`, as a part of another change. */
export async function deleteSessions(
  { db }: WriteContext,
  { user, keep }: { user: string; keep: string | null },
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("session")
    .where("userId", "=", user)
    .$if(keep !== null, (query) => query.where("id", "!=", keep ?? ""))
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Accounts whose expired sessions are ended in one transaction. */
const MAX_ACCOUNTS_PER_CLEANUP = 100;

export async function endExpiredSessions(context: WriteContext): Promise<number> {
  const { db, now } = context;
  const at = new Date(now).toISOString();
  const accounts = await db
    .selectFrom("session")
    .select((e) => ["userId as user", e.fn.max("expiresAt").as("expiredAt")])
    .where("expiresAt", "<=", at)
    .groupBy("userId")
    .limit(MAX_ACCOUNTS_PER_CLEANUP)
    .execute();
  let ended = 0;
  for (const { user, expiredAt } of accounts) {
    const { numDeletedRows } = await db
      .deleteFrom("session")
      .where("userId", "=", user)
      .where("expiresAt", "<=", at)
      .executeTakeFirst();
    const sessions = Number(numDeletedRows);
    const target = await findUsername(context, user);
    await auditChange(context, { action: "session.expire", target, details: { sessions, expiredAt } });
    ended += sessions;
  }
  return ended;
}

/** Returns the name of an account for the audit log; the id where the account is gone. */
export async function findUsername({ db }: ReadContext, user: string): Promise<string> {
  const row = await db.selectFrom("user").select("displayUsername").where("id", "=", user).executeTakeFirst();
  return row?.displayUsername ?? user;
}

/** Extends sessions that were used, at most to the end of their absolute lifetime. */
export async function touchSessions(
  { db }: WriteContext,
  { seen }: { seen: readonly SessionActivity[] },
): Promise<void> {
  for (const { id, at, expiresAt } of seen) {
    const session = await db.selectFrom("session").select("createdAt").where("id", "=", id).executeTakeFirst();
    if (session === undefined) continue;
    const end = Math.min(expiresAt, Date.parse(session.createdAt) + MAX_SESSION_LIFETIME_MS);
    await db
      .updateTable("session")
      .set({ updatedAt: new Date(at).toISOString(), expiresAt: new Date(end).toISOString() })
      .where("id", "=", id)
      .execute();
  }
}

/**
 * Completes a sign-in: ends the session that it came with, and the sessions of the account over the limit, those first that
 * were not used for longest.
 */
export async function replaceSession(
  context: WriteContext,
  { user, tokenHash, previous, by }: ByAccount & { tokenHash: string; previous: string | null },
): Promise<void> {
  const { db } = context;
  if (previous !== null) await endReplaced(context, { sessions: [previous], reason: "signed in again", by });
  const excess = await db
    .selectFrom("session")
    .select("id")
    .where("userId", "=", user)
    .where("token", "!=", tokenHash)
    .orderBy("updatedAt", "desc")
    .orderBy("createdAt", "desc")
    .offset(MAX_SESSIONS_PER_ACCOUNT - 1)
    .limit(1_000)
    .execute();
  const sessions = excess.map(({ id }) => id);
  await endReplaced(context, { sessions, reason: `more than ${MAX_SESSIONS_PER_ACCOUNT} sessions`, by });
}

interface EndReplaced {
  readonly sessions: readonly string[];
  readonly reason: string;
  readonly by?: AuditSource | undefined;
}

async function endReplaced(context: WriteContext, { sessions, reason, by }: EndReplaced): Promise<void> {
  for (const session of sessions) {
    const [ended] = await context.db.deleteFrom("session").where("id", "=", session).returning("userId").execute();
    if (ended === undefined) continue;
    const target = await findUsername(context, ended.userId);
    await auditChange(context, { action: "session.end", target, details: { session, reason }, by });
  }
}

/** Records that the user has entered the password in this session. */
export async function confirmSession(
  context: WriteContext,
  { user, session, by }: ByAccount & { session: string },
): Promise<void> {
  await context.db
    .updateTable("session")
    .set({ confirmedAt: new Date(context.now).toISOString() })
    .where("id", "=", session)
    .where("userId", "=", user)
    .execute();
  await recordChange(context, { kind: "user", user });
  const target = await findUsername(context, user);
  await auditChange(context, { action: "password.confirm", target, details: {}, by });
}
