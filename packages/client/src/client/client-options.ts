import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import type { OutboxStorage } from "../storage/outbox-storage.ts";
import type { StateStorage } from "../storage/state-storage.ts";
import type { Fetch } from "../transport/sign-in-check.ts";
import type { SocketFactory } from "../transport/socket.ts";

export interface ClientOptions {
  /** The server's URL: `https://chat.example.org`, with a path if it is not served at the root. @default the page's origin */
  readonly url?: string | URL;
  /** A bearer token. Without one the browser's session cookie is used. */
  readonly token?: string;
  /** Stores unsent messages over a reload. @default IndexedDB where available, otherwise memory */
  readonly outbox?: OutboxStorage;
  /** Stores rooms, their latest messages and log positions over a reload. @default none */
  readonly storage?: StateStorage;
  /**
   * The rooms whose events are received. `listed`: every room of the list, so that unread counts are live. `opened`: open rooms
   * only. @default "listed"
   */
  readonly subscribeTo?: "listed" | "opened";
  /** The most messages kept in memory for one room, 200 to 100,000. @default 2000 */
  readonly maxMessages?: number;
  /** The most closed rooms that keep their messages, 0 to 1,000. @default 20 */
  readonly maxIdleRooms?: number;
  /** The most unsent messages, 1 to 100,000. @default 1000 */
  readonly maxUnsent?: number;
  /** Messages in one page of history, 1 to 100. @default 50 */
  readonly pageSize?: number;
  /** Commands sent per second, with bursts of twice as many. Must be below the server's limit. @default 40 */
  readonly commandsPerSecond?: number;
  /** Milliseconds to wait for the reply to a command, 1 to 600,000. @default 15000 */
  readonly replyTimeoutMs?: number;
  /** Called when reading or writing a storage has failed. The client continues without it. */
  readonly onStorageError?: (error: unknown) => void;
  /** @default the global WebSocket */
  readonly webSocket?: SocketFactory;
  /** Used to upload files, and when a connection was refused, to ask whether the session is valid. @default the global fetch */
  readonly fetch?: Fetch;
  /** @default the system's clock */
  readonly clock?: Clock;
  /** Returns numbers from 0 to below 1, for delays. @default Math.random */
  readonly random?: () => number;
  /** @default the browser's online and visibility events */
  readonly environment?: Environment;
}
