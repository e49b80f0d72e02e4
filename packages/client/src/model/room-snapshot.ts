import type { Author, Ban, LogEvent, Member, Message, Role, Room, WireError } from "@multichat/protocol";
import type { OutboxMessage } from "./outbox-message.ts";

/** One item of a conversation. `key` stays the same while the user's own message turns from pending into posted. */
export type TimelineItem =
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly own: boolean }
  /** Messages with `after < seq < before` may exist and are not loaded: see `RoomStore.loadGap`. */
  | { readonly kind: "gap"; readonly key: string; readonly after: number; readonly before: number }
  /** An event that happened while the room was loaded. Pages of history hold messages only, so earlier events are not shown. */
  | { readonly kind: "event"; readonly key: string; readonly event: RoomEvent }
  | { readonly kind: "pending"; readonly key: string; readonly pending: OutboxMessage };

export type GapItem = Extract<TimelineItem, { kind: "gap" }>;

/** An event that is shown between the messages. */
export type RoomEvent = Extract<
  LogEvent,
  { on: "room.created" | "room.changed" | "member.joined" | "member.left" | "member.removed" }
>;

/**
 * `cold`: nothing is loaded, because the room was not opened. `loading`: opened, and the first page is on its way. `live`: caught
 * up with the server's log. `stale`: correct but possibly old, until the connection is back and the room has caught up. `gone`:
 * the room does not exist for the user; `error` holds what the server said, or null where the room was taken away.
 */
export type RoomStatus = "cold" | "loading" | "live" | "stale" | "gone";

/** A user entered or left the room: an ephemeral event, which the log does not keep. */
export interface RoomNotice {
  /** Unique among this room's notices. */
  readonly key: string;
  readonly kind: "entered" | "left";
  readonly user: Author;
  /** Milliseconds since 1970, by this device's clock. */
  readonly at: number;
  /** The newest seq that was applied when the notice arrived: its place among the messages. */
  readonly afterSeq: number;
}

export interface RoomSnapshot {
  readonly id: string;
  readonly status: RoomStatus;
  readonly error: WireError | null;
  /** undefined until the server has described the room. */
  readonly room: Room | undefined;
  /** At most `maxMessages` messages by seq, with gaps where messages are not loaded, followed by the unsent messages. */
  readonly items: readonly TimelineItem[];
  /** Whether messages older than the first item exist. */
  readonly hasBefore: boolean;
  readonly loadingBefore: boolean;
  /** The newest seq that was applied; 0 before the first page. */
  readonly lastSeq: number;
  /** The seq that the user has read up to, on any device. */
  readonly readSeq: number;
  readonly unread: number;
  readonly mentions: number;
  /** The user's role; null: not a member (of an open room), or not known yet. */
  readonly role: Role | null;
  /** Until when the user is muted in this room, in milliseconds since 1970; null: not muted. */
  readonly mutedUntil: number | null;
  /** The other users who are typing, in the order in which they started, at most 20. Each expires after 6 s, or with their message. */
  readonly typing: readonly Author[];
  /** The latest users who entered and left, oldest first, at most 50. A large room has none. */
  readonly notices: readonly RoomNotice[];
  /** The users who are in the room now; null while the connection has not joined it, and where the server does not say it. */
  readonly occupants: number | null;
}

/**
 * `cold`: never loaded. `loading`: requested, also after a break that was too long to replay; what is shown may be old. `live`:
 * updated by the room's log. `failed`: the server refused; the list is requested again over the next connection.
 */
export type ListStatus = "cold" | "loading" | "live" | "failed";

export interface MembersSnapshot {
  readonly status: ListStatus;
  /** Sorted by role, then name; at most 500. */
  readonly members: readonly Member[];
  /** The number of all members. */
  readonly count: number;
}

export interface BansSnapshot {
  /** `failed` for a user who does not moderate the room. */
  readonly status: ListStatus;
  /** The newest 500 bans, newest first. */
  readonly banned: readonly Ban[];
  /** The number of all bans. */
  readonly count: number;
}

export interface PinsSnapshot {
  readonly status: ListStatus;
  /** The most recently pinned first, at most 50. */
  readonly messages: readonly Message[];
}
