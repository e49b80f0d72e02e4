import type { DatabaseSnapshot } from "../audit/client-record.ts";

/** What a run disturbs: the servers, and what they need. */
export interface ChaosSystem {
  /** The ports of the servers. A client may connect to any of them. */
  readonly ports: readonly number[];
  /** How often each fault was caused so far, by its title. */
  readonly faults: Readonly<Record<string, number>>;
  /** Rejects when a server ends by itself, or does not start. Never resolves. */
  readonly failure: Promise<never>;
  /** Fills an empty database, and starts everything. */
  start(userCount: number, rooms: number): Promise<void>;
  /** Causes the next fault. Some end by themselves, seconds after this has settled. */
  disturb(): Promise<void>;
  /** Causes no more faults. Resolves when they are over and every server is ready. */
  recover(): Promise<void>;
  /** Stops the servers in order. */
  stop(): Promise<void>;
  /** Reads the database after `stop`, with another library than the servers'. */
  readSnapshot(): DatabaseSnapshot | Promise<DatabaseSnapshot>;
  /** Kills whatever runs. Idempotent. */
  kill(): Promise<void>;
}
