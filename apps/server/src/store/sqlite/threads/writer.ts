import type Database from "better-sqlite3";
import { lastChangeId, ownChanges, recordLogHeads } from "../../change-feed/change-feed.ts";
import type { WriteContext } from "../../database/context.ts";
import { getMeta } from "../../database/meta.ts";
import { indexMore, noteMonths, notIndexed } from "../../search/search-index.ts";
import type { StoreChange } from "../../store.ts";
import { StoreError, toStoreError } from "../../store-error.ts";
import { type Connection, connect } from "../connection.ts";
import { type MigrationResult, migrateSchema } from "../migrations/migrate-schema.ts";
import { write } from "../operations.ts";
import { tellEndedSessions } from "../session-trigger.ts";
import type { Answer, Call, Failure, FromWorker, WorkerOptions } from "./worker-messages.ts";

const TRIM_EVERY_MS = 60_000;

type Step = "begin" | "commit" | "savepoint" | "release" | "undo";

/**
 * The one connection of this process that writes. Group commit: calls that arrive while a transaction is under way wait
 * and form the next one, in their order, each in a savepoint of its own. Answers leave after the COMMIT, which has synced
 * the log to disk; where it fails, every call of the transaction fails.
 */
export class Writer {
  readonly #connection: Connection;
  readonly #options: WorkerOptions;
  readonly #tell: (message: FromWorker) => void;
  readonly #waiting: Call[] = [];
  readonly #trim: NodeJS.Timeout;
  readonly #steps: Readonly<Record<Step, Database.Statement>>;
  #lastChange: number;
  /** Whether there are messages from before there was a search index. */
  #toIndex: boolean;
  #running = false;
  #closed: (() => void) | undefined;

  static async open(options: WorkerOptions, tell: (message: FromWorker) => void): Promise<Writer> {
    const connection = connect({ ...options, readOnly: false });
    try {
      const { migrated, epoch } = await prepare(connection);
      tellEndedSessions(connection.raw, options.origin);
      const { db } = connection;
      const writer = new Writer(connection, options, tell, await lastChangeId(db), (await notIndexed(db)) > 0);
      tell({ kind: "ready", epoch, migrated });
      writer.#wake();
      return writer;
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
    toIndex: boolean,
  ) {
    this.#connection = connection;
    this.#steps = {
      begin: connection.raw.prepare("begin immediate"),
      commit: connection.raw.prepare("commit"),
      savepoint: connection.raw.prepare("savepoint one"),
      release: connection.raw.prepare("release one"),
      undo: connection.raw.prepare("rollback to one"),
    };
    this.#options = options;
    this.#tell = tell;
    this.#lastChange = lastChangeId;
    this.#toIndex = toIndex;
    // Answers to it go to nobody: the main thread knows no call 0.
    this.#trim = setInterval(() => this.take([{ id: 0, operation: "trimChanges", args: {} }]), TRIM_EVERY_MS);
  }

  take(calls: readonly Call[]): void {
    this.#waiting.push(...calls);
    this.#wake();
  }

  close(then: () => void): void {
    clearInterval(this.#trim);
    this.#closed = then;
    this.#wake();
  }

  /** Through the event loop, so that what has arrived meanwhile is in the queue when a batch is cut. */
  #wake(): void {
    if (this.#running) return;
    this.#running = true;
    setImmediate(() => {
      void this.#turn();
    });
  }

  async #turn(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#options.maxBatchSize);
    if (batch.length > 0) await this.#commit(batch);
    // Between the transactions, a little at a time: a large house that was upgraded opens at once.
    if (this.#toIndex && this.#closed === undefined) await this.#indexMore();
    this.#running = false;
    if (this.#waiting.length > 0 || (this.#toIndex && this.#closed === undefined)) this.#wake();
    else if (this.#closed !== undefined) {
      this.#connection.raw.close();
      this.#closed();
    }
  }

  async #commit(batch: readonly Call[]): Promise<void> {
    let outcome: FromWorker;
    try {
      outcome = await this.#transact(batch);
    } catch (error) {
      this.#rollBack();
      const failure = failureOf(error);
      outcome = { kind: "answers", answers: batch.map(({ id }) => ({ id, error: failure })), changes: [] };
    }
    this.#tell(outcome);
  }

  /** @throws whatever keeps the whole transaction from being committed. */
  async #transact(batch: readonly Call[]): Promise<FromWorker> {
    const { db } = this.#connection;
    this.#steps.begin.run();
    const context: WriteContext = {
      db,
      origin: this.#options.origin,
      now: Date.now(),
      tails: new Map(),
      months: new Set(),
    };
    const answers: Answer[] = [];
    for (const call of batch) answers.push(await this.#run(context, call));
    await noteMonths(context);
    await recordLogHeads(context);
    const own = await this.#ownChanges();
    this.#steps.commit.run();
    this.#lastChange = own.last;
    return { kind: "answers", answers, changes: own.changes };
  }

  async #run(context: WriteContext, call: Call): Promise<Answer> {
    const { raw } = this.#connection;
    const tails = new Map(context.tails);
    this.#steps.savepoint.run();
    try {
      const ok = await write(context, call.operation, call.args);
      this.#steps.release.run();
      return { id: call.id, ok };
    } catch (error) {
      // SQLite has already rolled everything back after the worst errors (disk full, I/O): then the whole batch fails.
      if (!raw.inTransaction) throw error;
      this.#steps.undo.run();
      this.#steps.release.run();
      context.tails.clear();
      for (const [room, seq] of tails) context.tails.set(room, seq);
      return { id: call.id, error: failureOf(error) };
    }
  }

  async #indexMore(): Promise<void> {
    try {
      this.#steps.begin.run();
      const left = await indexMore(this.#connection.db);
      this.#steps.commit.run();
      this.#toIndex = left > 0;
    } catch {
      this.#rollBack();
      // What stands in its way stands in the way of every posting too, and shows there. The next start goes on.
      this.#toIndex = false;
    }
  }

  #ownChanges(): Promise<{ last: number; changes: StoreChange[] }> {
    return ownChanges(this.#connection.db, { last: this.#lastChange, origin: this.#options.origin });
  }

  #rollBack(): void {
    const { raw } = this.#connection;
    if (!raw.inTransaction) return;
    try {
      raw.exec("rollback");
    } catch {
      // The error that led here is the one to tell; the next `begin` fails where the connection is beyond use.
    }
  }
}

/** Brings the schema up under the writers' lock. */
async function prepare({ raw, db }: Connection): Promise<{ migrated: MigrationResult; epoch: string }> {
  raw.exec("begin immediate");
  try {
    const migrated = await migrateSchema(db);
    const epoch = await getMeta(db, "epoch");
    if (epoch === undefined) throw new StoreError("corrupt", "the database has no epoch: restore a backup");
    raw.exec("commit");
    return { migrated, epoch };
  } catch (error) {
    if (raw.inTransaction) raw.exec("rollback");
    throw error;
  }
}

function failureOf(error: unknown): Failure {
  const { code, message } = toStoreError(error);
  return { code, message };
}
