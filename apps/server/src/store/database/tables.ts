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
  message_version: MessageVersionRow;
  reaction: ReactionRow;
  reaction_total: { message: number; emoji: string; count: number; first_seq: number };
  member: MemberRow;
  departure: DepartureRow;
  intent: IntentRow;
  search_month: { month: string };
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
  kind: string;
  staff_only: number;
  /** Seconds. */
  slow_mode: number;
  /** The ids of the two people of a direct conversation, sorted, as a JSON array. */
  direct_key: string | null;
  /** What its maker's client named it. */
  client_key: string | null;
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
  /** Whom it is about, and the name at the time. */
  subject: string | null;
  subject_name: string | null;
  data: string | null;
  at: number;
}

export interface MessageRow {
  /** Only for the database: what its other tables and the search index know a message by. */
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
  edited_at: number | null;
  edited_by: string | null;
  edited_by_name: string | null;
  edited_seq: number | null;
  deleted_at: number | null;
  deleted_seq: number | null;
  /** The `n` of the message that it answers. */
  reply_to: number | null;
  /** The ids of the people it mentions, as a JSON array; null: nobody. */
  mentions: string | null;
  mentions_all: Generated<number>;
  pinned_at: number | null;
  /** Where it was pinned or unpinned last. */
  pin_seq: number | null;
  /** Different emoji on it. */
  emojis: Generated<number>;
}

export interface MessageVersionRow {
  message: number;
  version: number;
  body: string;
  at: number;
  by: string | null;
  by_name: string | null;
}

export interface ReactionRow {
  message: number;
  emoji: string;
  user: string;
  present: number;
  /** Of the event that made it so. */
  seq: number;
}

export interface MemberRow {
  room: string;
  user: string;
  /** The name at the time: shown where the account is gone. */
  user_name: string;
  role: string;
  since: number;
  muted_until: number | null;
  /** Of the event that made it so. */
  seq: number;
}

/** A change by the name that its client gave it. */
export interface IntentRow {
  user: string;
  client_id: string;
  /** What it was answered with. */
  seq: number;
  at: number;
}

export interface DepartureRow {
  room: string;
  user: string;
  banned: number;
  /** Of the event that made it so. */
  seq: number;
  by: string | null;
  at: number;
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
