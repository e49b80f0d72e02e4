import { resolve } from "node:path";

export interface SqliteStoreOptions {
  /** The database file; it and its folder are made where they are missing. `:memory:` is refused: two threads share it. */
  readonly file: string;
  /** Calls that may wait for one of the two database threads at once; one more is rejected as `busy`. @default 10_000 */
  readonly maxQueuedCalls?: number;
  /**
   * Operations in one transaction, at most. Around 50 the sync of the disk is shared by enough of them, and none waits
   * long for its fellows (500 hold the writer for 11 ms). @default 50
   */
  readonly maxBatchSize?: number;
  /** Milliseconds between two looks for what other processes changed. @default 200 */
  readonly pollIntervalMs?: number;
  /** Milliseconds to wait for the lock of another process before a call fails as `busy`. @default 5_000 */
  readonly busyTimeoutMs?: number;
}

export type ResolvedOptions = Required<SqliteStoreOptions>;

const DEFAULTS = { maxQueuedCalls: 10_000, maxBatchSize: 50, pollIntervalMs: 200, busyTimeoutMs: 5_000 } as const;

export function resolveOptions(options: SqliteStoreOptions): ResolvedOptions {
  if (options.file === "" || options.file.startsWith(":")) {
    throw new RangeError(`expected the path of a database file, got ${JSON.stringify(options.file)}`);
  }
  const resolved = { ...DEFAULTS, ...options };
  for (const name of ["maxQueuedCalls", "maxBatchSize", "pollIntervalMs", "busyTimeoutMs"] as const) {
    const value = resolved[name];
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`expected ${name} to be a whole number of at least 1, got ${value}`);
  }
  return Object.freeze({ ...resolved, file: resolve(resolved.file) });
}
