import type {
  CommandName,
  CommandParams,
  CommandResult,
  HistoryPage,
  Me,
  SearchHit,
  ServerEvent,
} from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";
import type { RoomList } from "../model/room-list.ts";
import type { RoomStore } from "../model/room-store.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Presences } from "../presence/presences.ts";
import type { ConnectionState } from "../transport/connection-state.ts";

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds. @default the client's `replyTimeoutMs` */
  readonly timeoutMs?: number;
}

export interface SearchOptions {
  /** Messages in one answer, 1 to 50. @default the server's, 20 */
  readonly limit?: number;
  /** Of the answer before: what comes after it. */
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  /** Newest first. */
  readonly found: readonly SearchHit[];
  /** Where the next answer begins; null: that was all. */
  readonly cursor: string | null;
}

/**
 * What `Client.listen` tells beside the server's events: a room's log is followed from here on, and what was before `seq` and not told
 * will not be. At the first time, and when too much was missed to be replayed.
 */
export interface RoomReset {
  readonly on: "client.reset";
  readonly room: string;
  /** The next event is the one after this. */
  readonly seq: number;
  /** The latest messages up to `seq`, where they were asked for. */
  readonly page: HistoryPage | null;
}

/** One connection to one server, and everything that is known through it. */
export interface Client {
  /** Connects, and stays connected through whatever happens, until `disconnect()` or a refusal. Again: tries at once. */
  connect(): void;
  /** Closes the connection. What is unsent stays in the outbox; what is loaded stays, stale. */
  disconnect(): void;
  /** Shorthand for `connection.get()`. */
  readonly state: ConnectionState;
  readonly connection: Readable<ConnectionState>;
  /** Who is signed in; null before that is known. */
  readonly me: Readable<Me | null>;
  readonly rooms: RoomList;
  /** The room of this id (not its number: see `rooms.find`). Costs nothing until it is opened. */
  room(id: string): RoomStore;
  readonly outbox: Outbox;
  readonly presence: Presences;
  /** Messages by their words, `"phrases"`, `prefix*`, `in:` `from:` `before:` `after:`. Rejects as `request`. */
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  /**
   * Sends a command and resolves with its reply. Rejects with CommandError, ConnectionLost, ReplyTimeout, ClientBusy or the
   * signal's reason. Joining, resuming, sending messages and read markers are better left to the rooms.
   */
  request<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    options?: RequestOptions,
  ): Promise<CommandResult<N>>;
  /**
   * Every event: those of a room's log once and in order, as they are applied; the others as they come. For bots and tools; a UI
   * subscribes to the stores. Returns the way to stop.
   */
  listen(listener: (event: ServerEvent | RoomReset) => void): () => void;
  /** Clears what was kept about rooms and people, here and in the storage: after signing out. Unsent messages stay, for their author. */
  forget(): Promise<void>;
}
