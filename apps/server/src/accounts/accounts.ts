import type { Session } from "@multichat/protocol";

/** Who is acting: an active account, and the session it came by. */
export interface Actor {
  readonly id: string;
  readonly username: string;
  readonly staff: boolean;
  readonly superuser: boolean;
  /** Null where no session is behind it (the CLI). */
  readonly session: string | null;
  /** Whoever runs the command line on the server's own machine: no account. */
  readonly operator?: true;
}

export interface Account {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly staff: boolean;
  readonly superuser: boolean;
  readonly active: boolean;
  readonly createdAt: number;
}

export interface NewAccount {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly staff?: boolean | undefined;
  readonly superuser?: boolean | undefined;
}

export interface AccountPatch {
  readonly username?: string | undefined;
  readonly staff?: boolean | undefined;
  readonly superuser?: boolean | undefined;
  readonly active?: boolean | undefined;
  readonly password?: string | undefined;
}

export type AccountRefusal = "taken" | "last-superuser" | "unknown";

/**
 * People, passwords and sessions (a contract). The library behind it is better-auth with argon2id; nothing outside this
 * folder knows that. A deactivated account has no sessions; a superuser is always staff.
 */
export interface Accounts {
  /**
   * The hot path, run at every handshake and request: one signature check and a look into a bounded cache, one indexed
   * query behind it. Revocation clears the cache at once. Reads the `Cookie` header or a bearer token.
   */
  authenticate(credentials: {
    readonly cookie?: string | undefined;
    readonly bearer?: string | undefined;
  }): Promise<Actor | undefined>;

  /**
   * `POST` to `/api/auth/sign-in/username` `{username, password}`, `/api/auth/sign-out` and `/api/auth/change-password`
   * `{currentPassword, newPassword}`, as a fetch handler; everything else under `/api/auth/` is not found. A sign-in answers
   * `{token, user}` and sets the cookie. Errors are `{error: {code, message}}` with the status of the code. The caller
   * checks the origin, limits the rate, and sets `X-Forwarded-For` to the one address that it believes.
   *
   * @throws StoreError when the database cannot.
   */
  handle(request: Request): Promise<Response>;

  count(): Promise<number>;
  list(): Promise<readonly Account[]>;
  find(idOrUsername: string): Promise<Account | undefined>;
  /** Active accounts whose username begins so, in any case, by username; the first `limit` that fit. Served from memory. */
  findByUsernamePrefix(prefix: string, limit: number, fits: (account: Account) => boolean): Promise<readonly Account[]>;
  create(account: NewAccount): Promise<Account | AccountRefusal>;
  /** A new password ends every session of the account; so does deactivation. */
  change(id: string, changes: AccountPatch): Promise<Account | AccountRefusal>;

  sessions(user: string, current: string | null): Promise<readonly Session[]>;
  /** False: this user has no such session. */
  revoke(user: string, session: string): Promise<boolean>;
  /** All of them, but `keep`. */
  revokeAll(user: string, keep?: string): Promise<void>;

  /** Called after a change of an account (flags, name, activity) or an end of sessions has been committed here. */
  onChange(listener: (change: AccountChange) => void): () => void;

  /**
   * The `Set-Cookie` that lets the browser keep its session for another 30 days: to be sent with the answer to a page's
   * first request, of somebody who is signed in by this `Cookie` header. Undefined: there is no cookie of ours in it.
   */
  renewedCookie(cookie: string): string | undefined;

  /** Another process changed this: forget what is cached. (The accounts hear of it themselves; it does no harm twice.) */
  clearCache(user: string): void;

  /** Writes down what is still to be written. Before the store is closed. */
  close(): Promise<void>;
}

export type AccountChange =
  /** Also where the account was deactivated: then all of its sessions are over, and that is not told again. */
  | { readonly kind: "account"; readonly account: Account }
  /** `session` null: all of the user's sessions but `keep`. */
  | { readonly kind: "session"; readonly user: string; readonly session: string | null; readonly keep?: string };
