import type { BackgroundTask } from "../../background-errors.ts";
import { lastChangeId, readOwnChanges } from "../../change-feed/read-changes.ts";
import { recordLogHeads } from "../../change-feed/record-change.ts";
import { assertNoUnfinishedCopy } from "../../copy/copy-chat.ts";
import type { WriteContext } from "../../database/context.ts";
import { getMeta } from "../../database/meta.ts";
import type { OperationKind } from "../../database/operation.ts";
import { RoomHeads } from "../../event-log/room-heads.ts";
import { isBatchedOperation, runOperation } from "../../operations.ts";
import { storeQueued } from "../../search/index-queue.ts";
import { StoreError } from "../../store-error.ts";
import { type Connection, connect } from "../connection.ts";
import { type MigrationResult, type MigrationStep, migrateSchema } from "../migrations/migrate-schema.ts";
import { createSessionTrigger } from "../session-trigger.ts";
import type { Statement } from "../sqlite-database.ts";
import { Indexer } from "./indexer.ts";
import { packAnswers } from "./packed-calls.ts";
import { toFailure } from "./to-failure.ts";
import type { Answer, Call, Failure, FromWorker, WorkerOptions } from "./worker-messages.ts";

const KINDS: readonly OperationKind[] = ["write"];
const TRIM_INTERVAL_MS = 60_000;
/** How often the queue of unindexed messages is checked for those of other processes, which may have been killed. */
const QUEUE_CHECK_INTERVAL_MS = 5_000;
/** How long indexing pauses after each slice, in times of what that took, so that it never fills the writer. */
const INDEX_PAUSE_FACTOR = 2;
/** The same while calls wait: messages are found later, so that they are posted sooner. */
const BUSY_INDEX_PAUSE_FACTOR = 20;
/** Batched writes that count as one operation in a transaction. */
const BATCHED_PER_OPERATION = 10;
/** The id of calls that the writer makes itself; the main thread ignores their answers. */
const INTERNAL_CALL_ID = 0;

type Step = "begin" | "commit" | "savepoint" | "release" | "undo";

/** How the calls of a transaction are kept apart. */
type Isolation =
  /** Batched writes have no savepoints; the first one that fails ends the attempt. */
  | "batched"
  /** Every call has a savepoint, so that one that fails affects no other. */
  | "savepoints";

/**
 * The one connection of this process that writes, with group commit: calls that arrive during a transaction form the
 * next one, in their order. A call that fails affects no other: it has a savepoint of its own, or the transaction is repeated
 * with savepoints. Answers are posted after the COMMIT, which has synced the log to disk; where it fails, every call of the
 * transaction fails.
 */
export class Writer {
  readonly #connection: Connection;
  readonly #options: WorkerOptions;
  readonly #post: (message: FromWorker) => void;
  readonly #calls: Call[] = [];
  readonly #trimTimer: NodeJS.Timeout;
  readonly #queueTimer: NodeJS.Timeout;
  /** Set while indexing pauses. */
  #indexPause: NodeJS.Timeout | undefined;
  readonly #steps: Readonly<Record<Step, Statement>>;
  readonly #selectDataVersion: Statement<[], { data_version: number }>;
  readonly #roomHeads = new RoomHeads();
  readonly #indexer: Indexer;
  /** Moves when another connection has committed. */
  #dataVersion: number | undefined;
  #lastChangeId: number;
  #isRunning = false;
  #isShared: boolean;
  #onClosed: (() => void) | undefined;

  static async open(options: WorkerOptions, post: (message: FromWorker) => void): Promise<Writer> {
    const connection = connect({ ...options, readOnly: false });
    try {
      const { migrated, epoch } = await upgrade(connection, (step) => post({ kind: "migrating", step }));
      createSessionTrigger(connection.raw, options.origin);
      const writer = new Writer(connection, options, post, await lastChangeId(connection));
      post({ kind: "ready", epoch, migrated });
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
    post: (message: FromWorker) => void,
    lastId: number,
  ) {
    this.#connection = connection;
    this.#steps = {
      begin: connection.raw.prepare("begin immediate"),
      commit: connection.raw.prepare("commit"),
      savepoint: connection.raw.prepare("savepoint call"),
      release: connection.raw.prepare("release call"),
      undo: connection.raw.prepare("rollback to call"),
    };
    this.#selectDataVersion = connection.raw.prepare("pragma data_version");
    this.#options = options;
    this.#isShared = options.isShared;
    this.#post = post;
    this.#lastChangeId = lastId;
    this.#indexer = new Indexer(connection, {
      onError: (error) => this.#reportBackgroundError("index messages", toFailure(error)),
    });
    const trim: Call = { id: INTERNAL_CALL_ID, operation: "maintenance.trimChanges", args: undefined };
    this.#trimTimer = setInterval(() => this.enqueue([trim]), TRIM_INTERVAL_MS);
    this.#queueTimer = setInterval(() => {
      this.#indexer.checkQueue();
      this.#wake();
    }, QUEUE_CHECK_INTERVAL_MS);
  }

  enqueue(calls: readonly Call[]): void {
    this.#calls.push(...calls);
    this.#wake();
  }

  setShared(isShared: boolean): void {
    this.#isShared = isShared;
  }

  close(onClosed: () => void): void {
    clearInterval(this.#trimTimer);
    clearInterval(this.#queueTimer);
    clearTimeout(this.#indexPause);
    this.#onClosed = onClosed;
    this.#wake();
  }

  /** Waits for a turn of the event loop, so that the batch includes what has arrived meanwhile. */
  #wake(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    setImmediate(() => {
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const batch = this.#takeBatch();
    if (batch.length > 0) await this.#commit(batch);
    // After the commit and in slices, so that no write waits for all the words of another message.
    if (this.#shouldIndex) await this.#index();
    this.#isRunning = false;
    if (this.#calls.length > 0 || this.#shouldIndex) this.#wake();
    else if (this.#onClosed !== undefined) {
      this.#connection.raw.close();
      this.#onClosed();
    }
  }

  #takeBatch(): Call[] {
    let budget = this.#options.maxBatchSize * BATCHED_PER_OPERATION;
    let count = 0;
    for (const { operation } of this.#calls) {
      if (budget <= 0) break;
      budget -= isBatchedOperation(operation) ? 1 : BATCHED_PER_OPERATION;
      count += 1;
    }
    return this.#calls.splice(0, count);
  }

  get #shouldIndex(): boolean {
    return this.#indexer.hasWork && this.#indexPause === undefined && this.#onClosed === undefined;
  }

  async #commit(batch: readonly Call[]): Promise<void> {
    let outcome: FromWorker;
    try {
      outcome = (await this.#transact(batch, "batched")) ?? (await this.#transact(batch, "savepoints"));
    } catch (error) {
      this.#rollBack();
      const failure = toFailure(error);
      outcome = { kind: "answers", answers: batch.map(({ id }) => ({ id, error: failure })), changes: [] };
    }
    this.#post(outcome);
    if (outcome.kind !== "answers") return;
    for (const answer of outcome.answers) {
      if ("error" in answer && answer.id === INTERNAL_CALL_ID) {
        this.#reportBackgroundError("trim the change feed", answer.error);
      }
    }
  }

  #reportBackgroundError(task: BackgroundTask, error: Failure): void {
    this.#post({ kind: "background-error", task, error });
  }

  /**
   * @returns undefined where a call without a savepoint has failed and the transaction was rolled back.
   * @throws any error that prevents the whole transaction.
   */
  async #transact(batch: readonly Call[], isolation: "savepoints"): Promise<FromWorker>;
  async #transact(batch: readonly Call[], isolation: Isolation): Promise<FromWorker | undefined>;
  async #transact(batch: readonly Call[], isolation: Isolation): Promise<FromWorker | undefined> {
    this.#begin();
    const context = this.#createContext();
    const answers: Answer[] = [];
    for (const call of batch) {
      const answer =
        isolation === "batched" && isBatchedOperation(call.operation)
          ? await this.#answerBatched(context, call)
          : await this.#answer(context, call);
      if (answer === undefined) {
        this.#rollBack();
        return undefined;
      }
      answers.push(answer);
    }
    await this.#roomHeads.store(context);
    await storeQueued(context);
    if (this.#isShared) await recordLogHeads(context);
    const own = await readOwnChanges(context, { lastId: this.#lastChangeId, origin: this.#options.origin });
    this.#steps.commit.run();
    this.#lastChangeId = own.lastId;
    if (context.unindexed.size > 0) this.#indexer.checkQueue();
    return { kind: "answers", answers: packAnswers(batch, answers), changes: own.changes };
  }

  #begin(): void {
    this.#steps.begin.run();
    const dataVersion = this.#selectDataVersion.get()?.data_version;
    if (dataVersion !== this.#dataVersion) this.#roomHeads.forget();
    this.#dataVersion = dataVersion;
  }

  #createContext(): WriteContext {
    return {
      ...this.#connection,
      origin: this.#options.origin,
      now: Date.now(),
      roomHeads: this.#roomHeads,
      logHeads: new Map(),
      unindexed: new Set(),
    };
  }

  /** @returns undefined where it fails. */
  async #answerBatched(context: WriteContext, { id, operation, args }: Call): Promise<Answer | undefined> {
    try {
      return { id, ok: await runOperation(KINDS, context, operation, args) };
    } catch (error) {
      // After the worst errors (disk full, I/O) SQLite has rolled everything back: then the whole batch fails.
      if (!this.#connection.raw.inTransaction) throw error;
      return undefined;
    }
  }

  async #answer(context: WriteContext, { id, operation, args }: Call): Promise<Answer> {
    const { raw } = this.#connection;
    await this.#roomHeads.store(context);
    // Merged into those of the transaction where the call succeeds.
    const own: WriteContext = { ...context, logHeads: new Map(), unindexed: new Set() };
    this.#steps.savepoint.run();
    try {
      const ok = await runOperation(KINDS, own, operation, args);
      await this.#roomHeads.store(context);
      this.#steps.release.run();
      for (const [room, seq] of own.logHeads) context.logHeads.set(room, seq);
      for (const n of own.unindexed) context.unindexed.add(n);
      return { id, ok };
    } catch (error) {
      if (!raw.inTransaction) throw error;
      this.#steps.undo.run();
      this.#steps.release.run();
      return { id, error: toFailure(error) };
    } finally {
      this.#roomHeads.forget();
    }
  }

  /** Indexes for a few milliseconds, then pauses. */
  async #index(): Promise<void> {
    const startedAt = performance.now();
    await this.#indexer.runSlice();
    const pauseFactor = this.#calls.length > 0 ? BUSY_INDEX_PAUSE_FACTOR : INDEX_PAUSE_FACTOR;
    this.#indexPause = setTimeout(
      () => {
        this.#indexPause = undefined;
        this.#wake();
      },
      pauseFactor * (performance.now() - startedAt),
    );
  }

  #rollBack(): void {
    const { raw } = this.#connection;
    this.#roomHeads.forget();
    if (!raw.inTransaction) return;
    try {
      raw.exec("rollback");
    } catch {
      // The caller reports the first error; the next `begin` fails where the connection is unusable.
    }
  }
}

/** Upgrades the schema under the writers' lock. */
async function upgrade(
  { raw, db }: Connection,
  onStep: (step: MigrationStep) => void,
): Promise<{ migrated: MigrationResult; epoch: string }> {
  raw.exec("begin immediate");
  try {
    const migrated = await migrateSchema(db, onStep);
    await assertNoUnfinishedCopy(db);
    const epoch = await getMeta(db, "epoch");
    if (epoch === undefined) throw new StoreError("corrupt", "the database has no epoch: restore a backup");
    raw.exec("commit");
    return { migrated, epoch };
  } catch (error) {
    if (raw.inTransaction) raw.exec("rollback");
    throw error;
  }
}
