import type { Author, Ban, LogEvent, Member, Message, Role, Room, WireError } from "@multichat/protocol";
import type { OutboxMessage } from "./outbox-message.ts";

/** One line of a conversation. `key` stays the same while a message of one's own turns from pending into posted. */
export type TimelineItem =
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly own: boolean }
  /** Messages with `after < seq < before` may exist and are not loaded here: see `RoomStore.loadGap`. */
  | { readonly kind: "gap"; readonly key: string; readonly after: number; readonly before: number }
  /** Something that happened in the room while it was loaded; what happened before is not shown, pages of history hold messages only. */
  | { readonly kind: "event"; readonly key: string; readonly event: RoomEvent }
  | { readonly kind: "pending"; readonly key: string; readonly pending: OutboxMessage };

export type GapItem = Extract<TimelineItem, { kind: "gap" }>;

/** What is shown as a line between the messages. */
export type RoomEvent = Extract<
  LogEvent,
  { on: "room.created" | "room.changed" | "member.joined" | "member.left" | "member.removed" }
>;

/**
 * `cold`: nothing is known; nobody has opened the room. `loading`: opened, the first page is on its way. `live`: level with
 * the server's log. `stale`: what is shown is right but may be old; it catches up when the connection is back. `gone`: the
 * room does not exist for this person; `error` holds what the server said, null where it went away while one was in it.
 */
export type RoomStatus = "cold" | "loading" | "live" | "stale" | "gone";

/** Somebody came or went; told once by the server, not kept in the log. */
export interface RoomNotice {
  /** Unique among this room's notices. */
  readonly key: string;
  readonly kind: "entered" | "left";
  readonly user: Author;
  /** Milliseconds since 1970, by this device's clock. */
  readonly at: number;
  /** The newest seq that was applied when it came: its place among the messages. */
  readonly afterSeq: number;
}

export interface RoomSnapshot {
  readonly id: string;
  readonly status: RoomStatus;
  readonly error: WireError | null;
  /** undefined as long as the server has not described it. */
  readonly room: Room | undefined;
  /** Messages by seq with gaps between them where they are, then what is not sent yet. At most `maxMessages` messages. */
  readonly items: readonly TimelineItem[];
  /** Older messages exist than the first item. */
  readonly hasBefore: boolean;
  readonly loadingBefore: boolean;
  /** The newest seq that was applied; 0 before the first page. */
  readonly lastSeq: number;
  /** Up to where the person has read, on any device. */
  readonly readSeq: number;
  readonly unread: number;
  readonly mentions: number;
  /** The person's membership; null: not a member (of an open room), or not known yet. */
  readonly role: Role | null;
  /** Until when the person may not write here, in milliseconds since 1970; null: may write. */
  readonly mutedUntil: number | null;
  /** Who is writing now, the longest first, at most 20; never oneself. Each for 6 s unless told again or their message comes. */
  readonly typing: readonly Author[];
  /** The latest who came and went, oldest first, at most 50. */
  readonly notices: readonly RoomNotice[];
}

/**
 * `cold`: nobody has asked. `loading`: asked, also again after a break that was too long to replay; what is shown may be old. `live`:
 * follows the room's log. `failed`: the server refused; the next connection asks again.
 */
export type ListStatus = "cold" | "loading" | "live" | "failed";

export interface MembersSnapshot {
  readonly status: ListStatus;
  /** By role, then name; at most 500. */
  readonly members: readonly Member[];
  /** How many in all. */
  readonly count: number;
}

export interface BansSnapshot {
  /** `failed` to whoever does not moderate the room. */
  readonly status: ListStatus;
  /** Newest ban first; of more than 500, the newest. */
  readonly banned: readonly Ban[];
  /** How many in all. */
  readonly count: number;
}

export interface PinsSnapshot {
  readonly status: ListStatus;
  /** Newest pin first, at most 50. */
  readonly messages: readonly Message[];
}
