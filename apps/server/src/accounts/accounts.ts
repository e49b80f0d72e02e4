import type { Session } from "@multichat/protocol";
import type { AuditSource } from "../store/store.ts";
import type { AccountLinks } from "./account-links.ts";

/** The user on whose behalf a command runs: an active account and its session. */
export interface Actor {
  readonly id: string;
  readonly username: string;
  readonly staff: boolean;
  readonly superuser: boolean;
  /** null without a session, as on the command line. */
  readonly session: string | null;
  /** True for the operator, who runs the command line on the server's machine and has no account. */
  readonly operator?: true;
  /** When the user last entered the password in this session, at sign-in or later. */
  readonly confirmedAt?: number;
  /** True: the user has to choose a new password before anything else. */
  readonly passwordChangeRequired?: boolean;
  /** Where the command comes from, for the audit log; undefined on the command line. */
  readonly origin?: RequestOrigin;
}

export interface RequestOrigin {
  readonly address: string;
  /** The id of the request in the server's log. */
  readonly request: string;
}

export interface Account {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly active: boolean;
  /** Someone else set the password, so the user has to choose a new one before anything else. */
  readonly passwordChangeRequired: boolean;
  readonly createdAt: number;
}

export interface NewAccount {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly staff?: boolean | undefined;
  readonly superuser?: boolean | undefined;
  /** @default false */
  readonly passwordChangeRequired?: boolean | undefined;
}

export interface AccountPatch {
  readonly username?: string | undefined;
  readonly staff?: boolean | undefined;
  readonly superuser?: boolean | undefined;
  readonly active?: boolean | undefined;
  readonly password?: string | undefined;
  readonly passwordChangeRequired?: boolean | undefined;
}

/** What the server knows about where a sign-in comes from. */
export interface SignInOrigin {
  /** The id of a device on which this account has signed in before; null for any other. */
  readonly device: string | null;
  /** The addresses of the account's sessions. */
  readonly addresses: readonly string[];
}

export type AccountRefusal = "taken" | "confusable" | "last-superuser" | "unknown";

/**
 * The contract for accounts, passwords and sessions. Every change is recorded in the audit log, in the transaction of the change;
 * `by` says who makes it, see `auditSource`. The implementation uses better-auth with argon2id, which is private to
 * this folder. A deactivated account has no sessions; a superuser is always staff.
 */
export interface Accounts {
  /**
   * Returns the user of a `Cookie` header or a bearer token. Runs for every handshake and request, so it costs a signature
   * check and a lookup in a bounded cache, with an indexed query behind it. Revocation clears the cache immediately.
   */
  authenticate(credentials: {
    readonly cookie?: string | undefined;
    readonly bearer?: string | undefined;
  }): Promise<Actor | undefined>;

  /**
   * The same from the cache alone, without a turn of the event loop, for the commands of an open connection. undefined where the
   * cache does not have the session, which says nothing about it: call `authenticate`.
   */
  authenticateCached(credentials: {
    readonly cookie?: string | undefined;
    readonly bearer?: string | undefined;
  }): Actor | undefined;

  /**
   * `POST` to `/api/auth/sign-in/username` `{username, password}`, `/api/auth/sign-out` and `/api/auth/change-password`
   * `{currentPassword, newPassword}`, as a fetch handler; any other path under `/api/auth/` is not found. A sign-in returns
   * `{user}`, with `?token=1` also `token`, sets the cookies, and ends the session that it came with. Errors are `{error: {code, message}}` with the status of the code. The caller
   * checks the origin, limits the rate, and sets `X-Forwarded-For` to the client address that it trusts, and
   * `X-Request-Id` to the id of the request.
   *
   * @throws StoreError if the database fails.
   */
  handle(request: Request): Promise<Response>;

  /** Returns whether an account has signed in before on the device of this `Cookie` header, and its addresses. */
  findSignInOrigin(username: string, cookie: string | undefined): Promise<SignInOrigin>;

  /** Invitations, and links to reset passwords. */
  readonly links: AccountLinks;

  /** Verifies the password of the actor, and records that the session was confirmed. Returns false for a wrong one. */
  confirm(actor: Actor, password: string): Promise<boolean>;

  count(): Promise<number>;
  list(): Promise<readonly Account[]>;
  find(idOrUsername: string): Promise<Account | undefined>;
  /**
   * Returns the first `limit` active accounts that match the predicate and whose username begins with `prefix`, ignoring
   * case, ordered by username. Served from memory.
   */
  findByUsernamePrefix(
    prefix: string,
    limit: number,
    matches: (account: Account) => boolean,
  ): Promise<readonly Account[]>;
  create(account: NewAccount, by?: AuditSource): Promise<Account | AccountRefusal>;
  /** Changes an account. A new password or deactivation ends all of its sessions. */
  change(id: string, changes: AccountPatch, by?: AuditSource): Promise<Account | AccountRefusal>;

  sessions(user: string, current: string | null): Promise<readonly Session[]>;
  /** Ends a session. Returns false if the user has no such session. */
  revoke(user: string, session: string, by?: AuditSource): Promise<boolean>;
  /** Ends all sessions of a user except `keep`. */
  revokeAll(user: string, keep?: string, by?: AuditSource): Promise<void>;

  /** Adds a listener for committed changes of accounts (flags, name, active) and ended sessions of this process. */
  onChange(listener: (change: AccountChange) => void): () => void;

  /**
   * Returns a `Set-Cookie` value that extends the browser's session cookie by 30 days, or undefined if the `Cookie` header
   * has no valid one. Sent with the response to the first request of a page.
   */
  renewedCookie(cookie: string): string | undefined;

  /** Clears the cached sessions of a user after a change in another process. Idempotent. */
  clearCache(user: string): void;

  /** Writes pending session activity. Call it before the store is closed. */
  close(): Promise<void>;
}

export type AccountChange =
  /** A deactivation ends all sessions of the account, without a further `session` change. */
  | { readonly kind: "account"; readonly account: Account }
  /** `session` null: all sessions of the user except `keep`. */
  | { readonly kind: "session"; readonly user: string; readonly session: string | null; readonly keep?: string };
