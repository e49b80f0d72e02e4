import type { Dialect } from "kysely";
import type { StoreChange } from "../store.ts";

export interface PersonRow {
  readonly id: string;
  /** As written; compared by `usernameKey`. */
  readonly username: string;
  readonly email: string;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly active: boolean;
  readonly createdAt: number;
}

export interface NewPerson {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  /** The password's hash. */
  readonly password: string;
  readonly staff: boolean;
  readonly superuser: boolean;
}

export interface PersonChanges {
  readonly username?: string;
  readonly staff?: boolean;
  readonly superuser?: boolean;
  readonly active?: boolean;
  /** The new password's hash. */
  readonly password?: string;
}

export type PersonRefusal = "taken" | "last-superuser" | "unknown";

/** A session that is alive, of an account that is active. */
export interface ActiveSession {
  readonly id: string;
  readonly user: string;
  readonly username: string;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly expiresAt: number;
  readonly lastSeenAt: number;
}

export interface SessionSummary {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly userAgent: string | null;
  readonly address: string | null;
}

/** The rows behind `Accounts`; nothing else uses it. Every end of a session and every change of a person is told. */
export interface AccountStore {
  /** For the accounts library's own statements: they run in the store's threads. It has no transactions. */
  readonly dialect: Dialect;

  count(): Promise<number>;
  list(): Promise<readonly PersonRow[]>;
  find(where: { idOrUsername: string }): Promise<PersonRow | undefined>;
  create(person: NewPerson): Promise<PersonRow | PersonRefusal>;
  /** Ends the account's sessions where the password changes or the account is deactivated, in the same transaction. */
  change(change: { id: string; changes: PersonChanges }): Promise<PersonRow | PersonRefusal>;
  /** The hash of a person's password; undefined: the person has none. */
  findPasswordHash(where: { id: string }): Promise<string | undefined>;
  /** Sets a password and ends all sessions but `keep`, in one transaction. False where `from` is not the hash any more. */
  setPassword(change: { id: string; from: string; to: string; keep: string | null }): Promise<boolean>;

  findSession(where: { token: string }): Promise<ActiveSession | undefined>;
  listSessions(where: { user: string }): Promise<readonly SessionSummary[]>;
  endSession(where: { user: string; session: string }): Promise<boolean>;
  endSessions(where: { user: string; keep: string | null }): Promise<number>;
  endExpiredSessions(): Promise<number>;
  /** When sessions were seen last; each then lives until `expiresAt`. */
  touchSessions(sessions: { seen: readonly { id: string; at: number; expiresAt: number }[] }): Promise<void>;

  /** The secret of this name, made of the offered one where there is none yet. */
  getOrCreateSecret(secret: { name: string; offer: string }): Promise<string>;

  /** Each change of people and sessions, after its commit and before its promise resolves; `own`: by this process. */
  onChange(listener: (change: StoreChange, own: boolean) => void): () => void;
}
