import { type Expression, type Kysely, sql } from "kysely";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";
import type { Tables } from "../database/tables.ts";
import type { ActiveSession, SessionActivity, SessionSummary } from "./session.ts";

// The database itself records the end of a session in the change feed (in SQLite by a trigger), because the accounts
// library deletes sessions too.

export interface SelectedSession {
  id: string;
  user: string;
  username: string;
  staff: number;
  superuser: number;
  expiresAt: string;
  updatedAt: string;
}

/** Selects an active session; the token and the time are the query's parameters, in this order. */
export function selectSessionByToken(db: Kysely<Tables>, token: Expression<string>, now: Expression<string>) {
  return db
    .selectFrom("session as s")
    .innerJoin("user as u", "u.id", "s.userId")
    .select([
      "s.id",
      "u.id as user",
      "u.displayUsername as username",
      "u.staff",
      "u.superuser",
      "s.expiresAt",
      "s.updatedAt",
    ])
    .where("s.token", "=", token)
    .where("s.expiresAt", ">", now)
    .where("u.active", "=", sql.lit(1));
}

const selectSession = prepared<{ token: string; now: string }, SelectedSession>((db, param) =>
  selectSessionByToken(db, param("token"), param("now")),
);

export async function findSession(
  context: ReadContext,
  { token }: { token: string },
): Promise<ActiveSession | undefined> {
  const [row] = await selectSession(context, { token, now: new Date().toISOString() });
  return row && toActiveSession(row);
}

export function toActiveSession(row: SelectedSession): ActiveSession {
  return {
    id: row.id,
    user: row.user,
    username: row.username,
    staff: row.staff === 1,
    superuser: row.superuser === 1,
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

export async function touchSessions(
  { db }: WriteContext,
  { seen }: { seen: readonly SessionActivity[] },
): Promise<void> {
  for (const { id, at, expiresAt } of seen) {
    await db
      .updateTable("session")
      .set({ updatedAt: new Date(at).toISOString(), expiresAt: new Date(expiresAt).toISOString() })
      .where("id", "=", id)
      .execute();
  }
}
