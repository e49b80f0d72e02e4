import { resolve } from "node:path";
import type { BackgroundErrorListener } from "../background-errors.ts";
import type { MigrationStep } from "./migrations/migrate-schema.ts";

export interface SqliteStoreOptions {
  /** The database file, created with its folder where missing. `:memory:` is refused, because threads share the file. */
  readonly file: string;
  /** Calls that may wait for a database thread; one more is rejected as `busy`. @default 10_000 */
  readonly maxQueuedCalls?: number;
  /**
   * Operations in one transaction; ten new messages count as one. Around 50, enough of them share a sync of the disk, and
   * none waits long for the others. @default 50
   */
  readonly maxBatchSize?: number;
  /**
   * Whether other servers have the database open. The change feed then also records how far the log of each room has grown,
   * which commands need not know. @default true
   */
  readonly isShared?: boolean;
  /** How often the changes of other processes are read. @default 200 */
  readonly pollIntervalMs?: number;
  /** How long a call waits for another process's lock before it is rejected as `busy`. @default 5_000 */
  readonly busyTimeoutMs?: number;
  /** Called before each step of an upgrade of a database with data, which may take a minute. @default nothing */
  readonly onMigrating?: (step: MigrationStep) => void;
  /** Called when the store has failed at what it does by itself, such as indexing. @default nothing */
  readonly onBackgroundError?: BackgroundErrorListener;
}

export type ResolvedOptions = Required<SqliteStoreOptions>;

const DEFAULTS = {
  maxQueuedCalls: 10_000,
  maxBatchSize: 50,
  isShared: true,
  pollIntervalMs: 200,
  busyTimeoutMs: 5_000,
  onMigrating: () => {},
  onBackgroundError: () => {},
} as const;

export function resolveOptions(options: SqliteStoreOptions): ResolvedOptions {
  if (options.file === "" || options.file.startsWith(":")) {
    throw new RangeError(`expected the path of a database file, got ${JSON.stringify(options.file)}`);
  }
  const resolved = { ...DEFAULTS, ...options };
  for (const name of ["maxQueuedCalls", "maxBatchSize", "pollIntervalMs", "busyTimeoutMs"] as const) {
    const value = resolved[name];
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`expected ${name} to be an integer of at least 1, got ${value}`);
  }
  return Object.freeze({ ...resolved, file: resolve(resolved.file) });
}
