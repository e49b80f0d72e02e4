import type { Tables } from "../database/tables.ts";

export interface CopiedTable {
  readonly name: keyof Tables;
  /** The columns of a unique key, in whose order rows are copied and compared. */
  readonly key: readonly string[];
}

/** What makes a chat, in an order in which every row comes after those that it refers to. `meta` is copied at the end. */
export const COPIED_TABLES: readonly CopiedTable[] = [
  { name: "setting", key: ["key"] },
  { name: "user", key: ["id"] },
  { name: "username_skeleton", key: ["skeleton", "user"] },
  { name: "account", key: ["id"] },
  { name: "session", key: ["id"] },
  { name: "invitation", key: ["id"] },
  { name: "invitation_use", key: ["invitation", "user"] },
  { name: "reset_link", key: ["user"] },
  { name: "verification", key: ["id"] },
  { name: "room", key: ["id"] },
  { name: "member", key: ["room", "user"] },
  { name: "departure", key: ["room", "user"] },
  { name: "message", key: ["n"] },
  { name: "file", key: ["id"] },
  { name: "file_removal", key: ["key"] },
  { name: "message_version", key: ["message", "version"] },
  { name: "reaction", key: ["message", "emoji", "user"] },
  { name: "reaction_total", key: ["message", "emoji"] },
  { name: "mention", key: ["user", "room", "seq"] },
  { name: "slow_mode_post", key: ["room", "author"] },
  { name: "marker", key: ["user", "room"] },
  { name: "room_preference", key: ["user", "room"] },
  { name: "event", key: ["room", "seq"] },
  { name: "idempotency_key", key: ["user", "client_id"] },
  { name: "audit", key: ["n"] },
];

/**
 * What belongs to a database and not to the chat in it: what servers tell each other, of which there are none during a copy, and
 * the index of the search, which is built again.
 */
export const LEFT_OUT_TABLES: readonly (keyof Tables)[] = ["change", "event_claim", "search_month", "search_queue"];

/** Entries of `meta` that belong to a database. */
export const LEFT_OUT_META: ReadonlySet<string> = new Set(["schema", "checked", "changes.trimmed", "copy"]);
