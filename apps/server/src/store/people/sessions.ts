import { type Expression, type Kysely, sql } from "kysely";
import { recordChange } from "../change-feed/record-change.ts";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import type { ActiveSession, SessionActivity, SessionSummary } from "./session.ts";

// The database itself records the end of a session in the change feed (in SQLite by a trigger), because the accounts
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

export async function endSession(
  { db }: WriteContext,
  { user, session }: { user: string; session: string },
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("session")
    .where("id", "=", session)
    .where("userId", "=", user)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function endSessions(
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

export async function endExpiredSessions({ db, now }: WriteContext): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom("session")
    .where("expiresAt", "<=", new Date(now).toISOString())
    .executeTakeFirst();
  return Number(numDeletedRows);
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
  { db }: WriteContext,
  { user, tokenHash, previous }: { user: string; tokenHash: string; previous: string | null },
): Promise<void> {
  if (previous !== null) await db.deleteFrom("session").where("id", "=", previous).execute();
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
  for (const { id } of excess) await db.deleteFrom("session").where("id", "=", id).execute();
}

/** Records that the user has entered the password in this session. */
export async function confirmSession(
  context: WriteContext,
  { user, session }: { user: string; session: string },
): Promise<void> {
  await context.db
    .updateTable("session")
    .set({ confirmedAt: new Date(context.now).toISOString() })
    .where("id", "=", session)
    .where("userId", "=", user)
    .execute();
  await recordChange(context, { kind: "user", user });
}
