/** A session that has not expired, of an account that is active. */
export interface ActiveSession {
  readonly id: string;
  readonly user: string;
  readonly username: string;
  readonly staff: boolean;
  readonly superuser: boolean;
  /** Whether the user has to choose a new password before anything else. */
  readonly passwordChangeRequired: boolean;
  /** When the user last entered the password in this session. */
  readonly confirmedAt: number;
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

/** Activity of a session: it was last seen `at`, and expires at `expiresAt`. */
export interface SessionActivity {
  readonly id: string;
  readonly at: number;
  readonly expiresAt: number;
}
