import { lastChangeId, readChanges } from "../../change-feed/read-changes.ts";
import type { ReadContext } from "../../database/context.ts";
import type { OperationKind } from "../../database/operation.ts";
import { RecentMessages } from "../../markers/recent-messages.ts";
import { runOperation } from "../../operations.ts";
import { type Connection, connect } from "../connection.ts";
import type { Statement } from "../sqlite-database.ts";
import { packAnswers } from "./packed-calls.ts";
import { toFailure } from "./to-failure.ts";
import type { Answer, Call, FromWorker, WorkerOptions } from "./worker-messages.ts";

const KINDS: readonly OperationKind[] = ["read", "search"];
/**
 * How long one transaction takes calls. Those that are left have the next one: the answers to ten pages of long messages arrive
 * one after another, and the main thread does something else in between.
 */
const SLICE_MS = 2;

/**
 * A connection that reads: in WAL mode it waits neither for the writer nor for its syncs. Between the calls it reads the
 * changes of other processes.
 */
export class Reader {
  readonly #connection: Connection;
  readonly #context: ReadContext;
  readonly #options: WorkerOptions;
  readonly #post: (message: FromWorker) => void;
  readonly #calls: Call[] = [];
  readonly #pollTimer: NodeJS.Timeout | undefined;
  readonly #selectDataVersion: Statement<[], { data_version: number }>;
  #lastChangeId: number;
  #dataVersion: number | undefined;
  #shouldPoll = false;
  #isRunning = false;
  #onClosed: (() => void) | undefined;

  static async open(options: WorkerOptions, post: (message: FromWorker) => void): Promise<Reader> {
    const connection = connect({ ...options, readOnly: true });
    try {
      const reader = new Reader(connection, options, post, await lastChangeId(connection));
      post({ kind: "ready", epoch: "", migrated: { from: 0, to: 0 } });
      return reader;
    } catch (error) {
      connection.raw.close();
      throw error;
    }
  }

  private constructor(
    connection: Connection,
    options: WorkerOptions,
    post: (message: FromWorker) => void,
    lastId: number,
  ) {
    this.#connection = connection;
    this.#context = { ...connection, unreadCounter: new RecentMessages() };
    this.#selectDataVersion = connection.raw.prepare("pragma data_version");
    this.#options = options;
    this.#post = post;
    this.#lastChangeId = lastId;
    if (options.role === "searcher") return;
    this.#pollTimer = setInterval(() => this.poll(), options.pollIntervalMs);
  }

  /** Reads the changes of other processes before the calls that come later. */
  poll(): void {
    this.#shouldPoll = true;
    this.#wake();
  }

  enqueue(calls: readonly Call[]): void {
    this.#calls.push(...calls);
    this.#wake();
  }

  close(onClosed: () => void): void {
    clearInterval(this.#pollTimer);
    this.#onClosed = onClosed;
    this.#wake();
  }

  #wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => {
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    // First, so that a read of what another process committed comes after the changes that it committed before.
    if (this.#shouldPoll) await this.#poll();
    const batch = this.#calls.slice(0, this.#options.maxBatchSize);
    if (batch.length > 0) await this.#answer(batch);
    this.#isRunning = false;
    if (this.#calls.length > 0 || this.#shouldPoll) this.#wake();
    else if (this.#onClosed !== undefined) {
      this.#connection.raw.close();
      this.#onClosed();
    }
  }

  /** Runs calls of a batch in one transaction, so that they see the same state of the database, and removes them from the queue. */
  async #answer(batch: readonly Call[]): Promise<void> {
    const { raw } = this.#connection;
    const answers: Answer[] = [];
    const until = performance.now() + SLICE_MS;
    try {
      raw.exec("begin");
      for (const { id, operation, args } of batch) {
        try {
          answers.push({ id, ok: await runOperation(KINDS, this.#context, operation, args) });
        } catch (error) {
          answers.push({ id, error: toFailure(error) });
        }
        if (performance.now() >= until) break;
      }
    } catch (error) {
      for (const { id } of batch) answers.push({ id, error: toFailure(error) });
    }
    this.#endTransaction();
    this.#calls.splice(0, answers.length);
    this.#post({ kind: "answers", answers: packAnswers(batch.slice(0, answers.length), answers), changes: [] });
  }

  #endTransaction(): void {
    const { raw } = this.#connection;
    try {
      if (raw.inTransaction) raw.exec("commit");
    } catch {
      // On a damaged database the end of a read can fail. It has nothing to lose, and the next one has to begin.
      if (raw.inTransaction) raw.exec("rollback");
    }
  }

  /** Reads the change feed where `data_version` has moved: it does with every commit of another connection. */
  async #poll(): Promise<void> {
    this.#shouldPoll = false;
    try {
      const dataVersion = this.#selectDataVersion.get()?.data_version;
      if (dataVersion === this.#dataVersion) return;
      const page = await readChanges(this.#connection, {
        lastId: this.#lastChangeId,
        isOwn: ({ origin }) => origin === this.#options.origin,
      });
      this.#lastChangeId = page.lastId;
      // Not before: a failed poll has to be repeated.
      if (page.hasMore) this.#shouldPoll = true;
      else this.#dataVersion = dataVersion;
      if (page.entries.length > 0 || page.hasGap) {
        this.#post({ kind: "changes", entries: page.entries, hasGap: page.hasGap });
      }
    } catch (error) {
      // The next poll tries again.
      const task = "read the changes of other processes";
      this.#post({ kind: "background-error", task, error: toFailure(error) });
    }
  }
}
