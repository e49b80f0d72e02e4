import type { OperationKind } from "../database/operation.ts";
import { RecentMessages } from "../markers/recent-messages.ts";
import { runOperation } from "../operations.ts";
import { StoreError } from "../store-error.ts";
import { CallQueue, type QueuedCall } from "./call-queue.ts";
import { ConnectionSlot, type OpenConnection } from "./connection-slot.ts";
import { toOperationError } from "./postgres-errors.ts";

const KINDS: readonly OperationKind[] = ["read", "search"];
/** Calls whose statements share the round trips of a connection; their answers can come in one turn of the event loop. */
const MAX_READS_UNDER_WAY = 8;

export interface ReadersOptions {
  /** In messages: `reader`. */
  readonly name: string;
  readonly open: OpenConnection;
  /** Connections at most; each is opened when it is needed. */
  readonly maxConnections: number;
  readonly maxQueuedCalls: number;
  /** Calls in one transaction. */
  readonly maxBatchSize: number;
  /** How long a call waits for a connection. */
  readonly waitMs: number;
  /** Resolves when a transaction may begin; meanwhile its calls wait in the queue. @default at once */
  readonly settled?: () => Promise<void>;
}

interface Lane {
  readonly slot: ConnectionSlot;
  isBusy: boolean;
}

/** Connections that read. Each call sees one state of the database, which has every commit that was acknowledged before it. */
export class PostgresReaders {
  readonly #options: ReadersOptions;
  readonly #queue: CallQueue;
  readonly #lanes: Lane[] = [];
  readonly #working = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: ReadersOptions) {
    this.#options = options;
    const { name, maxQueuedCalls, waitMs } = options;
    this.#queue = new CallQueue({ name, maxLength: maxQueuedCalls, waitMs });
  }

  call(operation: string, args: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new StoreError("closed", "the store is closed and takes no calls"));
    const answer = this.#queue.add(operation, args);
    this.#start();
    return answer;
  }

  /** Resolves when every pending call has been answered and the connections are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#working.size > 0) await Promise.all(this.#working);
    await Promise.all(this.#lanes.map(({ slot }) => slot.close()));
  }

  /** Gives work to a connection that has none; opens another one where all are busy. */
  #start(): void {
    let lane = this.#lanes.find(({ isBusy }) => !isBusy);
    if (lane === undefined) {
      if (this.#lanes.length >= this.#options.maxConnections) return;
      // One for each connection: what another has read may be newer than the state that this one sees.
      lane = { slot: new ConnectionSlot(this.#options.open, new RecentMessages()), isBusy: false };
      this.#lanes.push(lane);
    }
    lane.isBusy = true;
    const work = this.#work(lane).finally(() => {
      lane.isBusy = false;
      this.#working.delete(work);
      if (this.#queue.length > 0) this.#start();
    });
    this.#working.add(work);
  }

  async #work({ slot }: Lane): Promise<void> {
    // A turn of the event loop, so that calls of one turn share a transaction.
    await new Promise(setImmediate);
    while (await slot.connectFor(this.#queue, this.#options.waitMs)) {
      await this.#options.settled?.();
      if (this.#queue.length === 0) return;
      if (!slot.isConnected) continue;
      const share = Math.ceil(this.#queue.length / this.#options.maxConnections);
      await this.#answer(slot, this.#queue.take(Math.min(share, this.#options.maxBatchSize)));
    }
  }

  /** Runs the calls in one transaction, so that they see the same state. Where one fails, those without an answer run alone. */
  async #answer(slot: ConnectionSlot, batch: readonly QueuedCall[]): Promise<void> {
    const waiting = [...batch];
    const unanswered = new Set(batch);
    let failure: unknown;
    const work = async (): Promise<void> => {
      for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
        try {
          call.resolve(await runOperation(KINDS, slot.context, call.operation, call.args));
          unanswered.delete(call);
        } catch (error) {
          failure ??= error;
          // Whose failure it is cannot be seen: it ends the transaction of all.
          waiting.length = 0;
        }
      }
    };
    slot.send("begin isolation level repeatable read read only");
    await Promise.all(Array.from({ length: MAX_READS_UNDER_WAY }, work));
    slot.send(failure === undefined ? "commit" : "rollback");
    const [first, ...others] = unanswered;
    if (first === undefined) return;
    if (slot.isConnected && others.length > 0) {
      for (const call of unanswered) await this.#answer(slot, [call]);
      return;
    }
    first.reject(toOperationError(failure));
    // On another connection.
    this.#queue.returnToFront(others);
  }
}
