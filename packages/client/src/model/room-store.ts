import type { Message } from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";
import type { BansSnapshot, GapItem, MembersSnapshot, PinsSnapshot, RoomSnapshot } from "./room-snapshot.ts";

/** A message that was handed to the outbox. */
export interface SentMessage {
  readonly clientId: string;
  /** The message as the server posted it; rejects with MessageFailed. Nobody needs to wait for it. */
  readonly delivered: Promise<Message>;
}

export interface SendOptions {
  /** The message of the same room that this one answers. */
  readonly replyTo?: Message;
}

/** One room, as a UI shows it. The same object for the same id, as long as the client lives. */
export interface RoomStore extends Readable<RoomSnapshot> {
  readonly id: string;
  /**
   * Loads the room and keeps it level with the server, now and after every reconnect. Returns the way to say that it is no longer
   * looked at; what was loaded stays for a while. May be called before `connect()`, and several times.
   */
  readonly open: () => () => void;
  /** Puts a message into the outbox and shows it. @throws ClientBusy when the outbox is full. */
  readonly send: (body: string, options?: SendOptions) => SentMessage;
  /**
   * Changes what a message of one's own says, and shows it as soon as the server has answered. As the three below it takes effect once
   * however often it is asked: after a lost reply it is asked again when the connection is back, for at most 30 s in all. Rejects
   * with CommandError, ConnectionLost, ReplyTimeout, or ClientBusy when too much is unanswered.
   */
  readonly edit: (messageId: string, body: string) => Promise<Message>;
  /** Deletes a message. Rejects as `edit`. */
  readonly remove: (messageId: string) => Promise<void>;
  /** Adds one's reaction or takes it back: shown at once, and no more when the server refuses. Rejects as `edit`. */
  readonly react: (messageId: string, emoji: string, options: { readonly added: boolean }) => Promise<void>;
  /** Pins a message, or takes the pin out. Rejects as `edit`. */
  readonly pin: (messageId: string, options: { readonly pinned: boolean }) => Promise<void>;
  /** Somebody is writing here: to be called with every keystroke. The server is told at most every 3 s. */
  readonly typing: () => void;
  /** They stopped without sending. */
  readonly stopTyping: () => void;
  /** Loaded when somebody subscribes, then level with the room's log. */
  readonly members: Readable<MembersSnapshot>;
  /** Who is banned, for moderators. Loaded when somebody subscribes, then level with the room's log. */
  readonly bans: Readable<BansSnapshot>;
  /** Loaded when somebody subscribes, then level with the room's log. */
  readonly pins: Readable<PinsSnapshot>;
  /** The page before the oldest item. Does nothing where there is none. Rejects with CommandError, ConnectionLost, ReplyTimeout. */
  readonly loadBefore: () => Promise<void>;
  /** The messages around a seq, for a link to one. Waits for the room's first page. Rejects as `loadBefore`. */
  readonly loadAround: (seq: number) => Promise<void>;
  /** A page from the upper or lower edge of a gap. Rejects as `loadBefore`. */
  readonly loadGap: (gap: GapItem, from?: "above" | "below") => Promise<void>;
  /**
   * Where the person looks: when more than `maxMessages` are loaded, what is farthest from here goes. null, as at the beginning: at
   * the newest message.
   */
  readonly setViewedSeq: (seq: number | null) => void;
  /** Moves the read marker forward, here at once and on the server soon. */
  readonly markRead: (seq: number) => void;
}
