import type { Author, Message, Room, WireError } from "@multichat/protocol";
import type { OutboxMessage } from "./outbox-message.ts";

/** One line of a conversation. `key` stays the same while a message of one's own turns from pending into posted. */
export type TimelineItem =
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly own: boolean }
  /** Messages with `after < seq < before` may exist and are not loaded here: see `RoomStore.loadGap`. */
  | { readonly kind: "gap"; readonly key: string; readonly after: number; readonly before: number }
  | { readonly kind: "pending"; readonly key: string; readonly pending: OutboxMessage };

export type GapItem = Extract<TimelineItem, { kind: "gap" }>;

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
  /** The latest who came and went, oldest first, at most 50. */
  readonly notices: readonly RoomNotice[];
}
