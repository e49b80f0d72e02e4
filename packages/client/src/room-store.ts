import type { Message } from "@multichat/protocol";
import type { Readable } from "./readable.ts";
import type { GapItem, RoomSnapshot } from "./room-snapshot.ts";

/** A message that was handed to the outbox. */
export interface SentMessage {
  readonly clientId: string;
  /** The message as the server posted it; rejects with MessageFailed. Nobody needs to wait for it. */
  readonly delivered: Promise<Message>;
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
  readonly send: (body: string) => SentMessage;
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
  readonly lookAt: (seq: number | null) => void;
  /** Moves the read marker forward, here at once and on the server soon. */
  readonly markRead: (seq: number) => void;
}
