import { lastChangeId, readChanges } from "../../change-feed/change-feed.ts";
import { toStoreError } from "../../store-error.ts";
import { type Connection, connect } from "../connection.ts";
import { read } from "../operations.ts";
import type { Answer, Call, FromWorker, WorkerOptions } from "./worker-messages.ts";

/**
 * The connection that reads: in WAL mode it never waits for the writer, nor for its syncs. Between the questions it
 * listens for what other processes have changed.
 */
export class Reader {
  readonly #connection: Connection;
  readonly #options: WorkerOptions;
  readonly #tell: (message: FromWorker) => void;
  readonly #waiting: Call[] = [];
  readonly #poll: NodeJS.Timeout | undefined;
  #lastChange: number;
  #dataVersion: unknown;
  #listen = false;
  #running = false;
  #closed: (() => void) | undefined;

  static async open(options: WorkerOptions, tell: (message: FromWorker) => void): Promise<Reader> {
    const connection = connect({ ...options, readOnly: true });
    try {
      const reader = new Reader(connection, options, tell, await lastChangeId(connection.db));
      tell({ kind: "ready", epoch: "", migrated: { from: 0, to: 0 } });
      return reader;
    } catch (error) {
      connection.raw.close();
      throw error;
    }
  }

  private constructor(
    connection: Connection,
    options: WorkerOptions,
    tell: (message: FromWorker) => void,
    lastChangeId: number,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#tell = tell;
    this.#lastChange = lastChangeId;
    if (options.role === "searcher") return;
    this.#poll = setInterval(() => {
      this.#listen = true;
      this.#wake();
    }, options.pollIntervalMs);
  }

  take(calls: readonly Call[]): void {
    this.#waiting.push(...calls);
    this.#wake();
  }

  close(then: () => void): void {
    clearInterval(this.#poll);
    this.#closed = then;
    this.#wake();
  }

  #wake(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => {
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#options.maxBatchSize);
    if (batch.length > 0) await this.#answer(batch);
    if (this.#listen) await this.#hear();
    this.#running = false;
    if (this.#waiting.length > 0 || this.#listen) this.#wake();
    else if (this.#closed !== undefined) {
      this.#connection.raw.close();
      this.#closed();
    }
  }

  /** All questions that came together see the same state of the database. */
  async #answer(batch: readonly Call[]): Promise<void> {
    const { raw, db } = this.#connection;
    const answers: Answer[] = [];
    try {
      raw.exec("begin");
      for (const { id, operation, args } of batch) {
        try {
          answers.push({ id, ok: await read(db, operation, args) });
        } catch (error) {
          answers.push({ id, error: failureOf(error) });
        }
      }
    } catch (error) {
      for (const { id } of batch.slice(answers.length)) answers.push({ id, error: failureOf(error) });
    }
    if (raw.inTransaction) raw.exec("commit");
    this.#tell({ kind: "answers", answers, changes: [] });
  }

  /** `data_version` moves with every commit of another connection, and costs microseconds to ask. */
  async #hear(): Promise<void> {
    this.#listen = false;
    const { raw, db } = this.#connection;
    try {
      const dataVersion = raw.pragma("data_version", { simple: true });
      if (dataVersion === this.#dataVersion) return;
      const found = await readChanges(db, { last: this.#lastChange, origin: this.#options.origin });
      this.#lastChange = found.last;
      // Only now: a failed look is repeated by the next one.
      if (found.more) this.#listen = true;
      else this.#dataVersion = dataVersion;
      if (found.heard.length > 0 || found.missed) {
        this.#tell({ kind: "heard", heard: found.heard, missed: found.missed });
      }
    } catch {
      // The next look, a moment later, asks again; a database that stays broken shows in every other question.
    }
  }
}

function failureOf(error: unknown): { code: ReturnType<typeof toStoreError>["code"]; message: string } {
  const { code, message } = toStoreError(error);
  return { code, message };
}
