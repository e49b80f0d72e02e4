import { indexedWordsIn } from "@multichat/protocol/search";
import type { BackgroundErrors } from "../background-errors.ts";
import { lastChangeId, readOwnChanges } from "../change-feed/read-changes.ts";
import { recordLogHeads } from "../change-feed/record-change.ts";
import type { StoreChange } from "../change-feed/store-change.ts";
import type { WriteContext } from "../database/context.ts";
import type { OperationKind } from "../database/operation.ts";
import { RoomHeads } from "../event-log/room-heads.ts";
import { runOperation } from "../operations.ts";
import { storeQueued } from "../search/index-queue.ts";
import { storeEntries, takeQueued } from "../search/queued-messages.ts";
import { StoreError } from "../store-error.ts";
import { BATCHED_PER_OPERATION, canShare, costOf, keyOf, takeGroup } from "./call-groups.ts";
import { CallQueue, type QueuedCall } from "./call-queue.ts";
import { ConnectionSlot, type OpenConnection } from "./connection-slot.ts";
import { FENCE_STATEMENT } from "./database-locks.ts";
import { isMessageCall, runMessageBatch } from "./message-batch.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Origins } from "./origins.ts";
import type { RunStatement } from "./postgres-connection.ts";
import { toOperationError } from "./postgres-errors.ts";

const KINDS: readonly OperationKind[] = ["write"];
const TRIM_INTERVAL_MS = 60_000;
/** How often the queue of unindexed messages is checked for those of other processes, which may have been killed. */
const QUEUE_CHECK_INTERVAL_MS = 5_000;
/** Indexed in one transaction: some milliseconds, for which a write may have to wait. */
const INDEX_BATCH = { maxMessages: 200, maxBytes: 40_000 } as const;
/** How long indexing pauses after each transaction, in times of what that took, so that it never fills the writer. */
const INDEX_PAUSE_FACTOR = 2;
/** The same while calls wait: messages are found later, so that they are posted sooner. */
const BUSY_INDEX_PAUSE_FACTOR = 20;
/** A transaction that has had the fence for longer begins no other call: other processes wait for the fence. */
const MAX_TRANSACTION_MS = 100;

export interface WriterParts {
  readonly options: ResolvedOptions;
  readonly open: OpenConnection;
  /** The number of the writers' lock. */
  readonly fence: string;
  /** The name of the channel on which commits are announced. */
  readonly channel: string;
  readonly origins: Origins;
  /** Called with what this process has changed, before the calls that changed it are answered. */
  readonly onOwnChanges: (changes: readonly StoreChange[]) => void;
  /** Called when this writer has failed at what it does without a call. */
  readonly onBackgroundError: BackgroundErrors["report"];
}

/** How a call was answered, after the commit. */
type Answer = { readonly ok: unknown } | { readonly error: StoreError };

/** How the calls of a transaction are kept apart. */
type Isolation =
  /** Calls that run together have no savepoints; the first one that fails ends the attempt. */
  | "batched"
  /** Every call has a savepoint, so that one that fails affects no other. */
  | "savepoints";

/**
 * The one connection of this process that writes, with group commit: calls that arrive during a transaction form the next one,
 * in their order. A call that fails affects no other: it has a savepoint of its own, or the transaction is repeated with
 * savepoints. Calls are answered after the COMMIT, which has synced the log to disk; where it fails, every call of the
 * transaction fails.
 */
export class PostgresWriter {
  readonly #parts: WriterParts;
  readonly #slot: ConnectionSlot;
  readonly #queue: CallQueue;
  readonly #roomHeads = new RoomHeads();
  readonly #trimTimer: NodeJS.Timeout;
  readonly #queueTimer: NodeJS.Timeout;
  /** Set while indexing pauses. */
  #indexPause: NodeJS.Timeout | undefined;
  /** Rejects where the present transaction could not begin. */
  #begun: Promise<unknown> = Promise.resolve();
  /** When the present transaction got the fence, by `performance.now()`. */
  #fencedAt = Number.POSITIVE_INFINITY;
  /** The first failure of the present transaction in a statement that was sent and not waited for. */
  #sendFailure: unknown;
  #hasUnindexed = true;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#slot = new ConnectionSlot(parts.open);
    const { maxQueuedCalls, busyTimeoutMs } = parts.options;
    this.#queue = new CallQueue({ name: "writer", maxLength: maxQueuedCalls, waitMs: busyTimeoutMs });
    this.#trimTimer = setInterval(() => {
      this.call("maintenance.trimChanges", undefined).catch((error: unknown) =>
        parts.onBackgroundError("trim the change feed", toOperationError(error)),
      );
    }, TRIM_INTERVAL_MS);
    this.#queueTimer = setInterval(() => {
      this.#hasUnindexed = true;
      this.#wake();
    }, QUEUE_CHECK_INTERVAL_MS);
  }

  /** @throws StoreError. */
  async open(): Promise<void> {
    await this.#slot.connect();
    this.#parts.origins.confirm(await lastChangeId(this.#slot.context));
    this.#wake();
  }

  call(operation: string, args: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new StoreError("closed", "the store is closed and takes no calls"));
    const answer = this.#queue.add(operation, args);
    this.#wake();
    return answer;
  }

  /** Resolves when every pending call has been answered and the connection is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#trimTimer);
    clearInterval(this.#queueTimer);
    clearTimeout(this.#indexPause);
    while (this.#running !== undefined) await this.#running;
    await this.#slot.close();
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#queue.length > 0 || this.#shouldIndex) this.#wake();
    });
  }

  async #run(): Promise<void> {
    // A turn of the event loop, so that the batch includes what has arrived meanwhile.
    await new Promise(setImmediate);
    if (this.#queue.length > 0 && !(await this.#slot.connectFor(this.#queue, this.#parts.options.busyTimeoutMs)))
      return;
    if (this.#queue.length > 0) {
      await this.#commit(this.#queue.take(this.#parts.options.maxBatchSize * BATCHED_PER_OPERATION, costOf));
    }
    // After the commit and in small transactions of its own, so that no write waits for the words of another message.
    if (this.#shouldIndex) await this.#index();
  }

  get #shouldIndex(): boolean {
    return this.#hasUnindexed && this.#indexPause === undefined && !this.#isClosed;
  }

  async #commit(batch: readonly QueuedCall[]): Promise<void> {
    let answers: ReadonlyMap<QueuedCall, Answer>;
    try {
      answers = (await this.#transact(batch, "batched")) ?? (await this.#transact(batch, "savepoints"));
    } catch (error) {
      // Where a transaction could not begin, its other statements say no more than that.
      const failure = toOperationError(await this.#begun.then(() => error).catch((first: unknown) => first));
      this.#giveUp();
      answers = new Map(batch.map((call) => [call, { error: failure }]));
    }
    // Those which the transaction had no time for.
    this.#queue.returnToFront(batch.filter((call) => !answers.has(call)));
    for (const [{ resolve, reject }, answer] of answers) {
      if ("ok" in answer) resolve(answer.ok);
      else reject(answer.error);
    }
  }

  /**
   * @returns undefined where a call without a savepoint has failed and the transaction was rolled back.
   * @throws any error that prevents the whole transaction.
   */
  async #transact(batch: readonly QueuedCall[], isolation: "savepoints"): Promise<ReadonlyMap<QueuedCall, Answer>>;
  async #transact(
    batch: readonly QueuedCall[],
    isolation: Isolation,
  ): Promise<ReadonlyMap<QueuedCall, Answer> | undefined>;
  async #transact(
    batch: readonly QueuedCall[],
    isolation: Isolation,
  ): Promise<ReadonlyMap<QueuedCall, Answer> | undefined> {
    this.#begin();
    const context = this.#createContext();
    const answers = new Map<QueuedCall, Answer>();
    for (let index = 0; index < batch.length && !this.#isOverdue; ) {
      const group = isolation === "batched" ? takeGroup(batch, index) : batch.slice(index, index + 1);
      const answered = await this.#answerGroup(context, group, isolation);
      if (answered === undefined) return undefined;
      for (const [call, answer] of answered) answers.set(call, answer);
      index += group.length;
    }
    await this.#roomHeads.store(context);
    const { origins, channel, onOwnChanges } = this.#parts;
    // Sent together, in this order.
    const [, , own] = await Promise.all([
      storeQueued(context),
      recordLogHeads(context),
      readOwnChanges(context, { lastId: origins.lastKnownId, origin: origins.present }),
    ]);
    // With the commit, and only to wake the others: what they read is in the change feed.
    this.#send("select pg_notify($1, $2)", [channel, origins.present]);
    await this.#finish("commit");
    origins.confirm(own.lastId);
    if (context.unindexed.size > 0) this.#hasUnindexed = true;
    if (own.changes.length > 0) onOwnChanges(own.changes);
    return answers;
  }

  /** Sends the first statements of a transaction, and does not wait for them. */
  #begin(): void {
    this.#roomHeads.forget();
    this.#sendFailure = undefined;
    this.#fencedAt = Number.POSITIVE_INFINITY;
    const begun = Promise.all([this.#slot.run("begin"), this.#slot.run(FENCE_STATEMENT, [this.#parts.fence])]);
    this.#begun = begun.then(() => {
      this.#fencedAt = performance.now();
    });
    // Read where a later statement fails, as all of them then do.
    this.#begun.catch(() => {});
  }

  get #isOverdue(): boolean {
    return performance.now() - this.#fencedAt > MAX_TRANSACTION_MS;
  }

  /** Sends a statement whose failure shows in a later one of its transaction. */
  #send(sql: string, parameters?: readonly unknown[]): void {
    this.#slot.run(sql, parameters).catch((error: unknown) => {
      this.#sendFailure ??= error;
    });
  }

  /** @throws StoreError also where the database has answered COMMIT with a rollback, because a statement had failed. */
  async #finish(statement: "commit" | "rollback"): Promise<void> {
    const { command } = await this.#slot.run(statement);
    if (statement === "commit" && command !== "COMMIT") {
      throw this.#sendFailure ?? new StoreError("busy", "the database rolled the transaction back: try again");
    }
  }

  #createContext(): WriteContext {
    return {
      ...this.#slot.context,
      origin: this.#parts.origins.present,
      now: Date.now(),
      roomHeads: this.#roomHeads,
      logHeads: new Map(),
      unindexed: new Set(),
    };
  }

  /** @returns undefined where a call without a savepoint fails, and the transaction is rolled back. */
  async #answerGroup(
    context: WriteContext,
    group: readonly QueuedCall[],
    isolation: Isolation,
  ): Promise<ReadonlyMap<QueuedCall, Answer> | undefined> {
    const [first] = group;
    if (first === undefined) return new Map();
    if (isolation === "savepoints" || !canShare(first)) return new Map([[first, await this.#answer(context, first)]]);
    try {
      return await this.#answerTogether(context, group);
    } catch (error) {
      if (!this.#slot.isConnected) throw error;
      // Where the transaction could not begin, it is not repeated: the calls have waited for the fence.
      await this.#begun;
      await this.#finish("rollback");
      // Another process has a lock: with savepoints, every call could wait for it, one after another.
      if (toOperationError(error).code === "busy") throw error;
      return undefined;
    }
  }

  /** Runs the calls of a group, which share the round trips. There is no answer to those that there was no time for. */
  async #answerTogether(context: WriteContext, group: readonly QueuedCall[]): Promise<ReadonlyMap<QueuedCall, Answer>> {
    await this.#roomHeads.store(context);
    this.#roomHeads.forget();
    const messageCalls = group.filter(isMessageCall);
    if (messageCalls.length === 0) return this.#answerConcurrently(context, group);
    const run: RunStatement = (sql, parameters) => this.#slot.run(sql, parameters);
    const results = await runMessageBatch(context, run, messageCalls);
    await this.#roomHeads.store(context);
    return new Map(messageCalls.map((call, index) => [call, { ok: results[index] }]));
  }

  /** Runs calls at the same time, and those with the same key one after another. */
  async #answerConcurrently(
    context: WriteContext,
    calls: readonly QueuedCall[],
  ): Promise<ReadonlyMap<QueuedCall, Answer>> {
    const answers = new Map<QueuedCall, Answer>();
    const failures: unknown[] = [];
    const runAll = async (sameKey: readonly QueuedCall[]): Promise<void> => {
      for (const [index, call] of sameKey.entries()) {
        if (index > 0 && this.#isOverdue) return;
        answers.set(call, { ok: await runOperation(KINDS, context, call.operation, call.args) });
      }
    };
    // All of them end before the transaction does.
    await Promise.all(
      [...Map.groupBy(calls, keyOf).values()].map((sameKey) =>
        runAll(sameKey).catch((error: unknown) => failures.push(error)),
      ),
    );
    if (failures.length > 0) throw failures[0];
    return answers;
  }

  async #answer(context: WriteContext, { operation, args }: QueuedCall): Promise<Answer> {
    await this.#roomHeads.store(context);
    // Merged into those of the transaction where the call succeeds.
    const own: WriteContext = { ...context, logHeads: new Map(), unindexed: new Set() };
    this.#send("savepoint call");
    try {
      const ok = await runOperation(KINDS, own, operation, args);
      await this.#roomHeads.store(context);
      this.#send("release savepoint call");
      for (const [room, seq] of own.logHeads) context.logHeads.set(room, seq);
      for (const n of own.unindexed) context.unindexed.add(n);
      return { ok };
    } catch (error) {
      if (!this.#slot.isConnected) throw error;
      // Fails, as all that follows, where the transaction itself has not begun.
      await this.#slot.run("rollback to savepoint call");
      this.#send("release savepoint call");
      return { error: toOperationError(error) };
    } finally {
      this.#roomHeads.forget();
    }
  }

  /** Indexes some of the queued messages, then pauses. */
  async #index(): Promise<void> {
    const startedAt = performance.now();
    const { context } = this.#slot;
    try {
      await this.#slot.connect();
      // Their words are read before the transaction, which others may wait for.
      const { messages, gone, hasMore } = await takeQueued(context, INDEX_BATCH);
      this.#hasUnindexed = hasMore;
      if (messages.length + gone.length === 0) return;
      const entries = messages.map((message) => ({ message, words: indexedWordsIn(message.body) })).reverse();
      this.#begin();
      // Not synced: what a power failure loses of the index is still in the queue, and the next commit syncs it too.
      this.#send("set local synchronous_commit = off");
      await storeEntries(context, { entries, gone });
      await this.#finish("commit");
    } catch (error) {
      this.#giveUp();
      this.#parts.onBackgroundError("index messages", toOperationError(error));
      // The next check of the queue tries again.
      this.#hasUnindexed = false;
    }
    const pauseFactor = this.#queue.length > 0 ? BUSY_INDEX_PAUSE_FACTOR : INDEX_PAUSE_FACTOR;
    this.#indexPause = setTimeout(
      () => {
        this.#indexPause = undefined;
        if (!this.#isClosed) this.#wake();
      },
      pauseFactor * (performance.now() - startedAt),
    );
  }

  /**
   * Gives up a transaction with its connection. Whether it was committed may be unknown: its changes are then read from the change
   * feed, like those of another process.
   */
  #giveUp(): void {
    this.#roomHeads.forget();
    this.#parts.origins.renew();
    this.#slot.discard();
  }
}
