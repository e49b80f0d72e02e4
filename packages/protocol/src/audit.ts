/** What the audit log records. Entries of earlier versions keep their action, so a name is never changed or used again. */
export const AUDIT_ACTIONS = [
  "access.refuse",
  "backup",
  "database.copy",
  "invitation.create",
  "invitation.revoke",
  "password.change",
  "password.confirm",
  "password.reset",
  "person.change",
  "person.create",
  "person.sign-out",
  "reset-link.create",
  "restore",
  "room.change",
  "room.create",
  "room.delete",
  "session.end",
  "session.end-others",
  "session.expire",
  "settings.change",
  "setup",
  "sign-in",
  "sign-out",
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export const AUDIT_OUTCOMES = ["success", "failure", "refused"] as const;

export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** What entries are looked for; without a field, all. */
export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly outcome?: AuditOutcome | undefined;
  /** An account's id, or a username as it was recorded. */
  readonly actor?: string | undefined;
  /** As it was recorded. */
  readonly target?: string | undefined;
  /** Milliseconds since 1970: since <= at < until. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface AuditEntry {
  /** Its number: one more than that of the entry before it. */
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  /** The id and name of the account that did it; null without one. */
  readonly actor: { readonly id: string; readonly username: string } | null;
  /** What it was done to: a name, an id, a route or a file. */
  readonly target: string | null;
  readonly address: string | null;
  /** The id of the request, which the server's log contains too. */
  readonly request: string | null;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  /** The hash of this entry and of the one before it. */
  readonly hash: string;
}
