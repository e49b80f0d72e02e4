import { wordsIn } from "@multichat/protocol/search";
import { lastChangeId, readOwnChanges } from "../change-feed/read-changes.ts";
import { recordLogHeads } from "../change-feed/record-change.ts";
import type { StoreChange } from "../change-feed/store-change.ts";
import type { WriteContext } from "../database/context.ts";
import type { OperationKind } from "../database/operation.ts";
import { RoomHeads } from "../event-log/room-heads.ts";
import { isBatchedOperation, runOperation } from "../operations.ts";
import { storeQueued } from "../search/index-queue.ts";
import { storeEntries, takeQueued } from "../search/queued-messages.ts";
import { StoreError } from "../store-error.ts";
import { appendMessages, isAppend } from "./append-messages.ts";
import { CallQueue, type QueuedCall } from "./call-queue.ts";
import { ConnectionSlot, type OpenConnection } from "./connection-slot.ts";
import { FENCE_STATEMENT } from "./database-locks.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Origins } from "./origins.ts";
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
/** Batched writes that count as one operation in a transaction. */
const BATCHED_PER_OPERATION = 10;

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
}

/** How a call was answered, after the commit. */
type Answer = { readonly ok: unknown } | { readonly error: StoreError };

/** How the calls of a transaction are kept apart. */
type Isolation =
  /** Batched writes have no savepoints; the first one that fails ends the attempt. */
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
  #hasUnindexed = true;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#slot = new ConnectionSlot(parts.open);
    this.#queue = new CallQueue("writer", parts.options.maxQueuedCalls);
    this.#trimTimer = setInterval(() => {
      // A failure that persists shows in every other write.
      this.call("maintenance.trimChanges", undefined).catch(() => {});
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
      const batch = this.#queue.take(this.#parts.options.maxBatchSize * BATCHED_PER_OPERATION, ({ operation }) =>
        isBatchedOperation(operation) ? 1 : BATCHED_PER_OPERATION,
      );
      await this.#commit(batch);
    }
    // After the commit and in small transactions of its own, so that no write waits for the words of another message.
    if (this.#shouldIndex) await this.#index();
  }

  get #shouldIndex(): boolean {
    return this.#hasUnindexed && this.#indexPause === undefined && !this.#isClosed;
  }

  async #commit(batch: readonly QueuedCall[]): Promise<void> {
    let answers: readonly Answer[];
    try {
      answers = (await this.#transact(batch, "batched")) ?? (await this.#transact(batch, "savepoints"));
    } catch (error) {
      // Where a transaction could not begin, its other statements say no more than that.
      const failure = toOperationError(await this.#begun.then(() => error).catch((first: unknown) => first));
      this.#giveUp();
      answers = batch.map(() => ({ error: failure }));
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const answer = answers[index];
      if (answer === undefined) reject(new StoreError("failed", "expected an answer to every call of a transaction"));
      else if ("ok" in answer) resolve(answer.ok);
      else reject(answer.error);
    }
  }

  /**
   * @returns undefined where a call without a savepoint has failed and the transaction was rolled back.
   * @throws any error that prevents the whole transaction.
   */
  async #transact(batch: readonly QueuedCall[], isolation: "savepoints"): Promise<readonly Answer[]>;
  async #transact(batch: readonly QueuedCall[], isolation: Isolation): Promise<readonly Answer[] | undefined>;
  async #transact(batch: readonly QueuedCall[], isolation: Isolation): Promise<readonly Answer[] | undefined> {
    this.#begin();
    const context = this.#createContext();
    const answers: Answer[] = [];
    for (let index = 0; index < batch.length; ) {
      const appends = isolation === "batched" ? takeWhile(batch, index, isAppend) : [];
      if (appends.length > 0) {
        const outcomes = await this.#tryToAppend(context, appends);
        if (outcomes === undefined) return undefined;
        answers.push(...outcomes.map((ok) => ({ ok })));
      } else {
        for (const call of batch.slice(index, index + 1)) answers.push(await this.#answer(context, call));
      }
      index += Math.max(appends.length, 1);
    }
    await this.#roomHeads.store(context);
    await Promise.all([storeQueued(context), recordLogHeads(context)]);
    const { origins, channel, onOwnChanges } = this.#parts;
    const own = await readOwnChanges(context, { lastId: origins.lastKnownId, origin: origins.present });
    // With the commit, and only to wake the others: what they read is in the change feed.
    this.#slot.send("select pg_notify($1, $2)", [channel, origins.present]);
    await this.#finish("commit");
    origins.confirm(own.lastId);
    if (context.unindexed.size > 0) this.#hasUnindexed = true;
    if (own.changes.length > 0) onOwnChanges(own.changes);
    return answers;
  }

  /** Sends the first statements of a transaction, and does not wait for them. */
  #begin(): void {
    this.#roomHeads.forget();
    this.#begun = Promise.all([this.#slot.run("begin"), this.#slot.run(FENCE_STATEMENT, [this.#parts.fence])]);
    // Read where a later statement fails, as all of them then do.
    this.#begun.catch(() => {});
  }

  /** @throws StoreError also where the database has answered COMMIT with a rollback, because a statement had failed. */
  async #finish(statement: "commit" | "rollback"): Promise<void> {
    const { command } = await this.#slot.run(statement);
    if (statement === "commit" && command !== "COMMIT") {
      throw new StoreError("busy", "the database rolled the transaction back: try again");
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

  /** @returns undefined where it fails, and the transaction is rolled back. */
  async #tryToAppend(context: WriteContext, calls: readonly QueuedCall[]): Promise<readonly unknown[] | undefined> {
    try {
      // The calls are appends, which take such an argument.
      const messages = calls.map(({ args }) => args as never);
      return await appendMessages(context, (sql, parameters) => this.#slot.run(sql, parameters), messages);
    } catch (error) {
      if (!this.#slot.isConnected) throw error;
      await this.#finish("rollback");
      return undefined;
    }
  }

  async #answer(context: WriteContext, { operation, args }: QueuedCall): Promise<Answer> {
    await this.#roomHeads.store(context);
    // Merged into those of the transaction where the call succeeds.
    const own: WriteContext = { ...context, logHeads: new Map(), unindexed: new Set() };
    this.#slot.send("savepoint call");
    try {
      const ok = await runOperation(KINDS, own, operation, args);
      await this.#roomHeads.store(context);
      this.#slot.send("release savepoint call");
      for (const [room, seq] of own.logHeads) context.logHeads.set(room, seq);
      for (const n of own.unindexed) context.unindexed.add(n);
      return { ok };
    } catch (error) {
      if (!this.#slot.isConnected) throw error;
      // Fails, as all that follows, where the transaction itself has not begun.
      await this.#slot.run("rollback to savepoint call");
      this.#slot.send("release savepoint call");
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
      const entries = messages.map((message) => ({ message, words: wordsIn(message.body) })).reverse();
      this.#begin();
      // Not synced: what a power failure loses of the index is still in the queue, and the next commit syncs it too.
      this.#slot.send("set local synchronous_commit = off");
      await storeEntries(context, { entries, gone });
      await this.#finish("commit");
    } catch {
      this.#giveUp();
      // A failure that persists shows in every other write. The next check of the queue tries again.
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

function takeWhile<Item>(items: readonly Item[], from: number, matches: (item: Item) => boolean): readonly Item[] {
  const rest = items.slice(from);
  const end = rest.findIndex((item) => !matches(item));
  return end === -1 ? rest : rest.slice(0, end);
}
