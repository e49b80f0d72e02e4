import type { Generated } from "kysely";

/**
 * The tables as the queries see them. Times are milliseconds since 1970, flags 0 or 1, JSON is text. `user`, `session`,
 * `account` and `verification` carry the column names of the accounts library, which writes to them itself; there, dates
 * are ISO 8601 texts in UTC, which sort as they are.
 */
export interface Tables {
  meta: { key: string; value: string };
  setting: { key: string; value: string };
  room: RoomRow;
  event: EventRow;
  message: MessageRow;
  mention: { user: string; room: string; seq: number };
  marker: { user: string; room: string; read_seq: number };
  change: ChangeRow;
  told: { room: string; seq: number; at: number };
  user: UserRow;
  session: SessionRow;
  account: CredentialRow;
  verification: {
    id: string;
    identifier: string;
    value: string;
    expiresAt: string;
    createdAt: string;
    updatedAt: string;
  };
}

export interface RoomRow {
  id: string;
  number: number;
  title: string;
  topic: string;
  staff_only: number;
  archived_at: number | null;
  deleted_at: number | null;
  created_by: string | null;
  created_at: number;
  last_seq: number;
  rights: number;
}

export interface EventRow {
  room: string;
  seq: number;
  kind: string;
  actor: string | null;
  /** The actor's name at the time: shown where the account is gone. */
  actor_name: string | null;
  message: string | null;
  data: string | null;
  at: number;
}

export interface MessageRow {
  /** Only for the database (a stable row id for a search index). */
  n: Generated<number>;
  id: string;
  room: string;
  seq: number;
  author: string | null;
  author_name: string | null;
  client_id: string;
  kind: string;
  body: string;
  created_at: number;
}

export interface ChangeRow {
  id: Generated<number>;
  origin: string;
  kind: string;
  data: string;
  at: number;
}

export interface UserRow {
  id: string;
  name: string;
  email: string;
  emailVerified: number;
  image: string | null;
  createdAt: string;
  updatedAt: string;
  /** Normalised: what is compared. */
  username: string;
  /** As written: what is shown. */
  displayUsername: string;
  staff: number;
  superuser: number;
  active: number;
}

export interface SessionRow {
  id: string;
  userId: string;
  token: string;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
  ipAddress: string | null;
  userAgent: string | null;
}

export interface CredentialRow {
  id: string;
  userId: string;
  accountId: string;
  providerId: string;
  password: string | null;
  accessToken: string | null;
  refreshToken: string | null;
  idToken: string | null;
  accessTokenExpiresAt: string | null;
  refreshTokenExpiresAt: string | null;
  scope: string | null;
  createdAt: string;
  updatedAt: string;
}
