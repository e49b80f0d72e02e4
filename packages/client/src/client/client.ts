import type { CommandName, CommandParams, CommandResult, Me, SearchHit, ServerEvent } from "@multichat/protocol";
import type { Readable } from "../core/readable.ts";
import type { FileTransfers } from "../model/file-transfers.ts";
import type { RoomList } from "../model/room-list.ts";
import type { RoomPreferences } from "../model/room-preferences.ts";
import type { RoomReset } from "../model/room-reset.ts";
import type { RoomStore } from "../model/room-store.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Presences } from "../presence/presences.ts";
import type { ConnectionState } from "../transport/connection-state.ts";
import type { RequestOptions } from "../transport/request-options.ts";

export interface SearchOptions {
  /** The most messages in the result, 1 to 50. @default the server's, 20 */
  readonly limit?: number;
  /** The `cursor` of the previous result, to continue after it. */
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  /** Newest first. */
  readonly found: readonly SearchHit[];
  /** Where the next result begins; null when there are no more. */
  readonly cursor: string | null;
  /** Present while the server has messages that it has not indexed yet, and so cannot find. */
  readonly behind?: true;
}

/** A connection to one server, and everything that is known through it. */
export interface Client {
  /** Connects, and reconnects until `disconnect()` or a refusal. While waiting to reconnect, it tries at once. */
  connect(): void;
  /** Closes the connection. Unsent messages stay in the outbox; what is loaded stays, and is stale. */
  disconnect(): void;
  /** Shorthand for `connection.get()`. */
  readonly state: ConnectionState;
  readonly connection: Readable<ConnectionState>;
  /** The signed-in user; null before that is known. */
  readonly me: Readable<Me | null>;
  readonly rooms: RoomList;
  readonly preferences: RoomPreferences;
  /** Returns the room with this id (not its number: see `rooms.find`). Loads nothing until it is opened. */
  room(id: string): RoomStore;
  readonly outbox: Outbox;
  readonly files: FileTransfers;
  readonly presence: Presences;
  /** Searches messages by words, `"phrases"`, `prefix*`, `in:`, `from:`, `before:` and `after:`. Rejects as `request`. */
  search(query: string, options?: SearchOptions): Promise<SearchResult>;
  /**
   * Sends a command and resolves with its reply. Rejects with CommandError, ConnectionLost, ReplyTimeout, ClientBusy or the
   * signal's reason. To join or resume, to send messages and to move read markers, use the rooms.
   */
  request<N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    options?: RequestOptions,
  ): Promise<CommandResult<N>>;
  /**
   * Calls the listener with every event: those of a room's log once and in order, as they are applied, and the others as they
   * arrive. For bots and tools; a UI subscribes to the stores. Returns a function that unsubscribes.
   */
  listen(listener: (event: ServerEvent | RoomReset) => void): () => void;
  /** Forgets rooms and users, in memory and in the storage: to be called after signing out. Unsent messages stay, for their author. */
  forget(): Promise<void>;
}
