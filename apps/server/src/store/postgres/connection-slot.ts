import { setTimeout } from "node:timers/promises";
import { Kysely, PostgresDialect } from "kysely";
import type { ReadContext, UnreadCounter } from "../database/dialect.ts";
import type { Tables } from "../database/tables.ts";
import { StoreError } from "../store-error.ts";
import type { CallQueue } from "./call-queue.ts";
import type { PostgresConnection, StatementResult } from "./postgres-connection.ts";
import { postgresDialect } from "./postgres-dialect.ts";
import { toOperationError } from "./postgres-errors.ts";

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

/** Opens a connection that is ready for its work. */
export type OpenConnection = () => Promise<PostgresConnection>;

/** The place of one connection, which is opened again after it was lost. Queries are built once for all of them. */
export class ConnectionSlot {
  readonly context: ReadContext;
  readonly #open: OpenConnection;
  #connection: PostgresConnection | undefined;
  #connecting: Promise<void> | undefined;
  #retryMs = 0;
  #isClosed = false;

  /** @param unreadCounter see `ReadContext`. */
  constructor(open: OpenConnection, unreadCounter?: UnreadCounter) {
    this.#open = open;
    // Kysely's dialect takes connections from a pool: here from one that holds a single connection.
    const client = {
      query: (sql: string, parameters: readonly unknown[]) => this.run(sql, parameters),
      release: () => {},
    };
    const pool = { connect: async () => client, end: async () => {}, options: {} };
    // The dialect uses no more of a pool and its clients than these.
    const dialect = new PostgresDialect({ pool: pool as never });
    const db = new Kysely<Tables>({ dialect });
    this.context = {
      db,
      dialect: postgresDialect,
      send: async (sql, parameters) => (await this.run(sql, parameters)).rows,
      ...(unreadCounter === undefined ? {} : { unreadCounter }),
    };
  }

  get isConnected(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** Runs a statement on the present connection. @throws StoreError. */
  run(sql: string, parameters?: readonly unknown[]): Promise<StatementResult> {
    if (this.#connection === undefined) {
      return Promise.reject(new StoreError("unreachable", "there is no connection to the database"));
    }
    return this.#connection.run(sql, parameters);
  }

  /** Sends a statement whose failure shows in a later one of its transaction. */
  send(sql: string, parameters?: readonly unknown[]): void {
    // Postgres refuses every later statement of a failed transaction, and its commit.
    this.run(sql, parameters).catch(() => {});
  }

  /** Connects if there is no connection. @throws StoreError. */
  async connect(): Promise<void> {
    if (this.#isClosed) throw new StoreError("closed", "the store is closed and takes no calls");
    if (this.isConnected) return;
    // A notification can ask for it while the first connection opens. A second one would take its place, and leave it open for ever.
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    await this.#connecting;
  }

  async #connect(): Promise<void> {
    this.discard();
    const connection = await this.#open();
    if (this.#isClosed) {
      await connection.close();
      throw new StoreError("closed", "the store is closed and takes no calls");
    }
    this.#connection = connection;
    this.#retryMs = 0;
  }

  /**
   * Connects, again and again with growing pauses, until it succeeds or no call waits any more. Calls that have waited for
   * `waitMs` are rejected.
   *
   * @returns whether there is a connection.
   */
  async connectFor(queue: CallQueue, waitMs: number): Promise<boolean> {
    while (!this.isConnected) {
      if (queue.length === 0) return false;
      try {
        await this.connect();
      } catch (error) {
        const failure = toOperationError(error);
        // Waiting helps only against what passes.
        queue.rejectWaiting(failure.isTransient && !this.#isClosed ? waitMs : 0, failure);
        await this.#pause();
      }
    }
    return true;
  }

  /** Gives up the present connection, whose state is not known. */
  discard(): void {
    void this.#connection?.close();
    this.#connection = undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }

  async #pause(): Promise<void> {
    this.#retryMs = Math.min(Math.max(2 * this.#retryMs, FIRST_RETRY_MS), MAX_RETRY_MS);
    // Spread, so that the connections of all processes do not come at the same moment.
    await setTimeout(this.#retryMs * (0.5 + Math.random() / 2));
  }
}
