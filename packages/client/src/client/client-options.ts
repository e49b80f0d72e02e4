import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import type { OutboxStorage } from "../model/outbox-message.ts";
import type { StateStorage } from "../storage/state-storage.ts";
import type { SocketFactory } from "../transport/socket.ts";

export interface ClientOptions {
  /** Where the server is: `https://chat.example.org`, with a path if it does not live at the root. @default the page's own origin */
  readonly url?: string | URL;
  /** A bearer token. Without one the browser's session cookie counts. */
  readonly token?: string;
  /** Keeps unsent messages across reloads. @default IndexedDB where there is one, memory elsewhere */
  readonly outbox?: OutboxStorage;
  /** Keeps rooms, last pages and cursors across reloads. @default none */
  readonly storage?: StateStorage;
  /**
   * Which rooms are heard. `listed`: every room of the list, so that unread counts are live. `opened`: only what is open.
   * @default "listed"
   */
  readonly subscribeTo?: "listed" | "opened";
  /** Messages kept in memory for one room. @default 2000, at least 200 */
  readonly maxMessages?: number;
  /** Rooms that keep their messages after they were closed. @default 20 */
  readonly maxIdleRooms?: number;
  /** Messages that may wait to be sent. @default 1000 */
  readonly maxUnsent?: number;
  /** Messages in one page of history, 1 to 100. @default 50 */
  readonly pageSize?: number;
  /** Commands per second that are sent, twice as many at once; below the server's limit, or it refuses some. @default 40 */
  readonly commandsPerSecond?: number;
  /** Milliseconds that a command waits for its reply. @default 15000 */
  readonly replyTimeoutMs?: number;
  /** Told when something could not be kept or read; the client goes on without. @default nobody */
  readonly onStorageError?: (error: unknown) => void;
  /** @default the global WebSocket */
  readonly webSocket?: SocketFactory;
  /** Asked only whether one is signed in, when a connection was refused. @default the global fetch */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** @default the system's */
  readonly clock?: Clock;
  /** Numbers from 0 to below 1, for delays. @default Math.random */
  readonly random?: () => number;
  /** @default the browser's online and visibility events */
  readonly environment?: Environment;
}
