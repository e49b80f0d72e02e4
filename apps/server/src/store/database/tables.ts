import type { Generated } from "kysely";

/**
 * The tables as the queries see them. Times are milliseconds since 1970, flags 0 or 1, JSON is text. `user`, `session`,
 * `account` and `verification` have the column names of the accounts library, which writes to them itself; their dates are
 * ISO 8601 texts in UTC, which sort by time.
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
  idempotency_key: IdempotencyKeyRow;
  search_month: { month: string };
  search_queue: { n: number };
  mention: { user: string; room: string; seq: number };
  /** When each author last posted in a room that is in slow mode. */
  slow_mode_post: { room: string; author: string; at: number };
  marker: { user: string; room: string; read_seq: number; revision: Generated<number> };
  /** What users have set for rooms; a room without a row has the defaults. */
  room_preference: { user: string; room: string; notify: string; starred: number };
  file: FileRow;
  /** The keys of contents that may belong to no file any more, and when the last one that had them was deleted. */
  file_removal: { key: string; at: number };
  change: ChangeRow;
  event_claim: { room: string; seq: number; at: number };
  audit: AuditRow;
  user: UserRow;
  /** What the usernames look like, by `usernameSkeletons`. */
  username_skeleton: { skeleton: string; user: string };
  invitation: InvitationRow;
  invitation_use: { invitation: string; user: string; user_name: string; at: number };
  /** At most one of an account. */
  reset_link: { user: string; token_hash: string; expires_at: number };
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
  /** The id that its creator's client gave it. */
  client_key: string | null;
  archived_at: number | null;
  deleted_at: number | null;
  created_by: string | null;
  created_at: number;
  last_seq: number;
  /** The seq at which it was last made open; users who were not members then have nothing unread from before. 0: never. */
  opened_seq: Generated<number>;
  /** The seq at which it last stopped being staff-only; users who are not staff have nothing unread from before. 0: never. */
  unrestricted_seq: Generated<number>;
  access_version: number;
}

export interface InvitationRow {
  id: string;
  /** SHA-256 of the link's secret. */
  token_hash: string;
  /** null: the command line. */
  created_by: string | null;
  created_by_name: string | null;
  created_at: number;
  /** null: never. */
  expires_at: number | null;
  /** null: any number. */
  max_uses: number | null;
  uses: number;
  staff: number;
  /** The ids of rooms as a JSON array. */
  rooms: string;
  revoked_at: number | null;
}

export interface EventRow {
  room: string;
  seq: number;
  kind: string;
  actor: string | null;
  /** The author's username at the time, shown where the account is deleted. */
  actor_name: string | null;
  message: string | null;
  /** The user that the event is about, and the username at the time. */
  subject: string | null;
  subject_name: string | null;
  data: string | null;
  at: number;
}

export interface MessageRow {
  /** The row id, by which other tables and the full-text index refer to a message. */
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
  /** The `n` of the message that it replies to. */
  reply_to: number | null;
  /** The ids of the mentioned users as a JSON array; null: none. */
  mentions: string | null;
  /** The normalized names by which it mentions them and its author, as a JSON array; null: none. */
  mention_names: string | null;
  mentions_all: Generated<number>;
  pinned_at: number | null;
  /** The seq of the last pin or unpin. */
  pin_seq: number | null;
  /** The number of different emoji in its reactions. */
  emojis: Generated<number>;
  /** What clients see of its files, as a JSON array; null: none. */
  files: string | null;
}

export interface FileRow {
  id: string;
  room: string;
  /** The user who uploaded it. */
  author: string;
  /** The idempotency key of the upload. */
  client_id: string;
  /** SHA-256 of the content, in hexadecimal digits. */
  hash: string;
  /** Where the content is. */
  key: string;
  name: string;
  type: string;
  bytes: number;
  /** Pixels; null where it is no image, or its size is not known. */
  width: number | null;
  height: number | null;
  created_at: number;
  /** The `n` of the message that has it; null: none yet. */
  message: number | null;
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
  /** The seq of the event that brought it into this state. */
  seq: number;
}

export interface MemberRow {
  room: string;
  user: string;
  /** The username at the time, shown where the account is deleted. */
  user_name: string;
  role: string;
  since: number;
  muted_until: number | null;
  /** The seq of the event that brought it into this state. */
  seq: number;
}

export interface IdempotencyKeyRow {
  user: string;
  client_id: string;
  /** The seq that the change was acknowledged with. */
  seq: number;
  at: number;
}

export interface DepartureRow {
  room: string;
  user: string;
  banned: number;
  /** The seq of the event that brought it into this state. */
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

export interface AuditRow {
  n: number;
  at: number;
  action: string;
  outcome: string;
  actor: string | null;
  actor_name: string | null;
  target: string | null;
  address: string | null;
  request: string | null;
  details: string;
  hash: string;
}

export interface UserRow {
  id: string;
  name: string;
  email: string;
  emailVerified: number;
  image: string | null;
  createdAt: string;
  updatedAt: string;
  /** Normalized by `usernameKey`, for comparisons. */
  username: string;
  /** As it was entered, for display. */
  displayUsername: string;
  staff: number;
  superuser: number;
  active: number;
  /** 1: the user has to choose a new password before anything else. */
  passwordChangeRequired: number;
}

export interface SessionRow {
  id: string;
  userId: string;
  /** The hash of the token, by `hashSessionToken`. */
  token: string;
  expiresAt: string;
  createdAt: string;
  updatedAt: string;
  ipAddress: string | null;
  userAgent: string | null;
  /** When the user last entered the password in this session; null: at sign-in. */
  confirmedAt: string | null;
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
