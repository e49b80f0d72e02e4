import type { BackgroundErrorListener } from "../background-errors.ts";

export interface PostgresStoreOptions {
  /**
   * `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. The tables are in the first schema of the connection's `search_path`, so that
   * several chats can share a database.
   */
  readonly url: string;
  /** Calls that may wait for a connection; one more is rejected as `busy`. @default 10_000 */
  readonly maxQueuedCalls?: number;
  /**
   * Operations in one transaction; ten new messages count as one. Around 50, enough of them share a sync of the disk, and
   * none waits long for the others. @default 50
   */
  readonly maxBatchSize?: number;
  /** Connections that read; beside them, one writes, one searches and one listens. @default 4 */
  readonly maxReaders?: number;
  /** How often the changes of other processes are read where no notification comes. @default 200 */
  readonly pollIntervalMs?: number;
  /** How long a call waits for a lock, or for a connection, before it is rejected. @default 5_000 */
  readonly busyTimeoutMs?: number;
  /** How long the database works on one statement of a read or a write. @default 15_000 */
  readonly statementTimeoutMs?: number;
  /** The same for a search. @default 10_000 */
  readonly searchTimeoutMs?: number;
  /** Called when the store has failed at what it does by itself, such as indexing. @default nothing */
  readonly onBackgroundError?: BackgroundErrorListener;
}

export type ResolvedOptions = Required<PostgresStoreOptions>;

const DEFAULTS = {
  maxQueuedCalls: 10_000,
  maxBatchSize: 50,
  maxReaders: 4,
  pollIntervalMs: 200,
  busyTimeoutMs: 5_000,
  statementTimeoutMs: 15_000,
  searchTimeoutMs: 10_000,
} as const;

export function resolveOptions(options: PostgresStoreOptions): ResolvedOptions {
  const { url, onBackgroundError = () => {}, ...numbers } = { ...DEFAULTS, ...options };
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`expected ${name} to be an integer of at least 1, got ${value}`);
  }
  return Object.freeze({ url, onBackgroundError, ...numbers });
}
