import type { Message } from "@multichat/protocol";
import type { TaskAddress } from "@multichat/protocol/markup";
import type { Readable } from "../core/readable.ts";
import type { SendOptions, SentMessage } from "./outbox-message.ts";
import type { BansSnapshot, GapItem, MembersSnapshot, PinsSnapshot, RoomSnapshot } from "./room-snapshot.ts";

/** One room, as a UI shows it. A client returns the same object for the same id. */
export interface RoomStore extends Readable<RoomSnapshot> {
  readonly id: string;
  /**
   * Loads the room and keeps it caught up, now and after every reconnect. Returns a function that closes it; what was loaded
   * stays for a while. Can be called before `connect()`, and several times.
   */
  readonly open: () => () => void;
  /** Adds a message to the outbox and shows it. @throws ClientBusy when the outbox is full. */
  readonly send: (body: string, options?: SendOptions) => SentMessage;
  /**
   * Edits one of the user's own messages, and shows the change when the server has replied. Like the methods below it is
   * idempotent: after a lost reply the command is sent again over the next connection, for 30 s in all. Rejects with
   * CommandError, ConnectionLost, ReplyTimeout, or ClientBusy when too many changes wait for a reply.
   */
  readonly edit: (messageId: string, body: string) => Promise<Message>;
  /**
   * Ticks or clears a task of one of the user's own messages. Shown at once, and reverted when the server refuses. Where another
   * device has edited the message meanwhile, its edit stays, and the task is ticked in the newer text; CommandError MESSAGE_CHANGED
   * if it is no longer there. Rejects as `edit`.
   */
  readonly setTask: (message: Message, task: TaskAddress, options: { readonly isDone: boolean }) => Promise<Message>;
  /** Deletes a message. Rejects as `edit`. */
  readonly remove: (messageId: string) => Promise<void>;
  /** Adds or removes the user's reaction. Shown at once, and reverted when the server refuses. Rejects as `edit`. */
  readonly react: (messageId: string, emoji: string, options: { readonly added: boolean }) => Promise<void>;
  /** Pins or unpins a message. Rejects as `edit`. */
  readonly pin: (messageId: string, options: { readonly pinned: boolean }) => Promise<void>;
  /** Reports that the user is typing: call it with every keystroke. Sent to the server at most every 3 s. */
  readonly typing: () => void;
  /** Reports that the user stopped typing without sending. */
  readonly stopTyping: () => void;
  /** Loaded with the first subscription, then updated by the room's log. */
  readonly members: Readable<MembersSnapshot>;
  /** The banned users, for moderators. Loaded with the first subscription, then updated by the room's log. */
  readonly bans: Readable<BansSnapshot>;
  /** Loaded with the first subscription, then updated by the room's log. */
  readonly pins: Readable<PinsSnapshot>;
  /** Loads the page before the oldest item, if there is one. Rejects with CommandError, ConnectionLost or ReplyTimeout. */
  readonly loadBefore: () => Promise<void>;
  /** Loads the messages around a seq, for a link to a message. Waits for the room's first page. Rejects as `loadBefore`. */
  readonly loadAround: (seq: number) => Promise<void>;
  /** Loads a page from the upper or the lower edge of a gap. Rejects as `loadBefore`. */
  readonly loadGap: (gap: GapItem, from?: "above" | "below") => Promise<void>;
  /**
   * Reports the seq that the user is viewing: when more than `maxMessages` are loaded, the messages farthest from it are dropped.
   * null, the initial value: the newest message.
   */
  readonly setViewedSeq: (seq: number | null) => void;
  /** Moves the read marker forward, to this seq: locally at once, on the server soon. */
  readonly markRead: (seq: number) => void;
  /**
   * Moves the read marker back to before the message with this seq, on all of the user's devices: locally at once, on the server
   * soon. Nothing changes where the message is unread already.
   */
  readonly markUnread: (seq: number) => void;
}
