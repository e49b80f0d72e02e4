import { lastChangeId, readChanges } from "../change-feed/read-changes.ts";
import type { ChangeFeedPage } from "../change-feed/store-change.ts";
import { ConnectionSlot, type OpenConnection } from "./connection-slot.ts";
import type { Origins } from "./origins.ts";
import type { PostgresConnection } from "./postgres-connection.ts";

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

export interface ChangeReaderParts {
  readonly open: OpenConnection;
  /** The name of the channel on which commits are announced. */
  readonly channel: string;
  readonly origins: Origins;
  readonly pollIntervalMs: number;
  readonly onError: (error: unknown) => void;
  readonly onChanges: (page: Pick<ChangeFeedPage, "entries" | "hasGap">) => void;
}

/**
 * Reads what other processes have committed: when one of them announces a commit, and from time to time where an announcement
 * was lost. The fence of the writers makes the ids of changes grow in the order of the commits, so it never finds a smaller one
 * later.
 */
export class ChangeReader {
  readonly #parts: ChangeReaderParts;
  readonly #slot: ConnectionSlot;
  #timer: NodeJS.Timeout | undefined;
  #lastChangeId = 0;
  #reading: Promise<void> | undefined;
  #shouldReadAgain = false;
  /** Polls are left out until this time, by `performance.now()`, after one that failed. */
  #retryAt = 0;
  #retryMs = FIRST_RETRY_MS;
  /** Whether a change of this process stopped the last poll, because its COMMIT was not answered yet. */
  #waitsForAnswer = false;
  #isPositioned = false;
  #isClosed = false;

  constructor(parts: ChangeReaderParts) {
    this.#parts = parts;
    parts.origins.onAnswered(() => {
      if (this.#waitsForAnswer) this.poll();
    });
    this.#slot = new ConnectionSlot(async () => {
      const connection = await parts.open();
      await this.#listen(connection);
      return connection;
    });
  }

  /** Starts at the last change that is committed. @throws StoreError. */
  async open(): Promise<void> {
    await this.#slot.connect();
    this.#lastChangeId = await lastChangeId(this.#slot.context);
    this.#isPositioned = true;
    this.poll();
    this.#timer = setInterval(() => this.poll(), this.#parts.pollIntervalMs);
  }

  /** Reads what is committed now. */
  poll(): void {
    // A notification before the start has its position would read the feed from its beginning.
    if (!this.#isPositioned || this.#isClosed || performance.now() < this.#retryAt) return;
    if (this.#reading !== undefined) {
      this.#shouldReadAgain = true;
      return;
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
      if (!this.#shouldReadAgain) return;
      this.#shouldReadAgain = false;
      this.poll();
    });
  }

  /** Resolves when what was polled has been passed on, or could not be read. */
  async settled(): Promise<void> {
    while (this.#reading !== undefined) await this.#reading;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    // What is being read is needed no more, and may never come.
    await this.#slot.close();
    await this.settled();
  }

  async #listen(connection: PostgresConnection): Promise<void> {
    const { channel, origins } = this.#parts;
    connection.onNotification((payload) => {
      if (payload !== origins.present) this.poll();
    });
    await connection.run(`listen "${channel}"`);
  }

  async #read(): Promise<void> {
    const { origins, onChanges, onError } = this.#parts;
    try {
      this.#waitsForAnswer = false;
      await this.#slot.connect();
      for (let hasMore = true; hasMore; ) {
        const page = await readChanges(this.#slot.context, {
          lastId: this.#lastChangeId,
          isOwn: (change) => origins.stateOf(change) === "known",
          isUnanswered: (change) => {
            const isUnanswered = origins.stateOf(change) === "unanswered";
            this.#waitsForAnswer ||= isUnanswered;
            return isUnanswered;
          },
        });
        this.#lastChangeId = page.lastId;
        hasMore = page.hasMore;
        if (page.entries.length > 0 || page.hasGap) onChanges(page);
      }
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      if (!this.#isClosed) onError(error);
      // A later poll tries again.
      this.#retryAt = performance.now() + this.#retryMs;
      this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
    }
  }
}
