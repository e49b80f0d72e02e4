import { WordReader } from "@multichat/protocol/search";
import { type QueuedEntry, type QueuedMessage, storeEntries, takeQueued } from "../../search/queued-messages.ts";
import type { Connection } from "../connection.ts";
import { FullTextMerges } from "../full-text-merges.ts";

const DEFAULT_SLICE_MS = 2;
/** Taken from the queue at once; ordinary messages are indexed in one transaction. */
const TAKEN = { maxMessages: 50, maxBytes: 20_000 } as const;
/** Characters whose words are read between two looks at the clock; each takes a few microseconds. */
const CHARACTERS_AT_ONCE = 100;
/** Words that are stored in one transaction; one message at least. */
const WORDS_AT_ONCE = { min: 500, max: 8_000 } as const;
/**
 * Pages that are merged in one transaction. Small merges take no time and would let the number grow; of the largest segments, 32
 * pages take about two milliseconds.
 */
const PAGES_AT_ONCE = { min: 4, max: 32 } as const;
/** With more segments, a search would take noticeably longer: merging comes first. */
const MAX_SEGMENTS = 32;

export interface IndexerOptions {
  /** How long a slice is meant to take, for which a write may have to wait; 0: each does the least that it can. @default 2 */
  readonly sliceMs?: number;
  /** Called with why a slice failed. @default nothing */
  readonly onError?: (error: unknown) => void;
}

interface ReadMessage {
  readonly message: QueuedMessage;
  readonly reader: WordReader;
}

/**
 * Indexes the queued messages in slices of a few milliseconds, between which the thread does what is waited for. The words are
 * read outside of a transaction, stored in one, and the segments of the index are merged in others. Nothing leaves the queue
 * before the transaction that stores its words, so a process that ends in between loses only time.
 */
export class Indexer {
  readonly #connection: Connection;
  readonly #merges: FullTextMerges;
  readonly #sliceMs: number;
  readonly #onError: (error: unknown) => void;
  /** Messages whose words are being read, the newest first. */
  #reading: ReadMessage[] = [];
  /** In the order in which they were read. */
  #entries: QueuedEntry[] = [];
  #gone: readonly number[] = [];
  #words = 0;
  #shouldCheckQueue = true;
  #canMerge = true;
  #isMergeNext = false;
  #maxWords: number = WORDS_AT_ONCE.min;
  #maxPages: number = PAGES_AT_ONCE.min;

  constructor(connection: Connection, { sliceMs = DEFAULT_SLICE_MS, onError = () => {} }: IndexerOptions = {}) {
    this.#sliceMs = sliceMs;
    this.#onError = onError;
    this.#connection = connection;
    this.#merges = new FullTextMerges(connection.raw);
  }

  get hasWork(): boolean {
    return this.#shouldCheckQueue || this.#canMerge || this.#isBusy;
  }

  /** Makes the next slice look into the queue. */
  checkQueue(): void {
    this.#shouldCheckQueue = true;
  }

  /** Works for a few milliseconds. After an error it waits for the next `checkQueue`. */
  async runSlice(): Promise<void> {
    const { raw } = this.#connection;
    const until = performance.now() + this.#sliceMs;
    // Not synced: what a power failure loses of the index is still in the queue, and the next commit syncs it too.
    raw.exec("pragma synchronous = NORMAL");
    try {
      do await this.#step(until);
      while (this.hasWork && performance.now() < until);
    } catch (error) {
      this.#forget();
      this.#rollBack();
      this.#onError(error);
    } finally {
      raw.exec("pragma synchronous = FULL");
    }
  }

  get #isBusy(): boolean {
    return this.#reading.length + this.#entries.length + this.#gone.length > 0;
  }

  async #step(until: number): Promise<void> {
    if (this.#canMerge && (this.#isMergeNext || !(this.#isBusy || this.#shouldCheckQueue))) return this.#merge();
    if (!this.#isBusy) return this.#take();
    if (this.#reading.length > 0 && this.#words < this.#maxWords) this.#read(until);
    else await this.#store();
  }

  async #take(): Promise<void> {
    const { messages, gone, hasMore } = await takeQueued(this.#connection, TAKEN);
    this.#reading = messages.map((message) => ({ message, reader: new WordReader(message.body) }));
    this.#gone = gone;
    this.#shouldCheckQueue = hasMore;
  }

  /** Reads words until the time is over, or there are enough for a transaction. */
  #read(until: number): void {
    for (let next = this.#reading[0]; next !== undefined; next = this.#reading[0]) {
      while (next.reader.advance(CHARACTERS_AT_ONCE)) if (performance.now() >= until) return;
      const words = next.reader.endIndexed();
      this.#entries.push({ message: next.message, words });
      this.#words += words.length;
      this.#reading.shift();
      if (this.#words >= this.#maxWords || performance.now() >= until) return;
    }
  }

  async #store(): Promise<void> {
    const stored = { entries: this.#entries.toReversed(), gone: this.#gone };
    const words = this.#words;
    const tookMs = await this.#transact(() => storeEntries(this.#connection, stored));
    this.#entries = [];
    this.#gone = [];
    this.#words = 0;
    this.#maxWords = this.#adapt(this.#maxWords, WORDS_AT_ONCE, { tookMs, isFull: words >= this.#maxWords });
    this.#canMerge = true;
    this.#isMergeNext = true;
  }

  async #merge(): Promise<void> {
    let hasMerged = false;
    let segments = 0;
    const tookMs = await this.#transact(async () => {
      hasMerged = this.#merges.mergeSome(this.#maxPages);
      segments = this.#merges.countSegments();
    });
    this.#maxPages = this.#adapt(this.#maxPages, PAGES_AT_ONCE, { tookMs, isFull: hasMerged });
    this.#canMerge = hasMerged;
    this.#isMergeNext = hasMerged && segments > MAX_SEGMENTS;
  }

  /** @returns how long the transaction took. */
  async #transact(work: () => Promise<void>): Promise<number> {
    const { raw } = this.#connection;
    const startedAt = performance.now();
    raw.exec("begin immediate");
    await work();
    raw.exec("commit");
    return performance.now() - startedAt;
  }

  /** Returns how much the next transaction may do, so that it takes about as long as a slice is meant to. */
  #adapt(
    amount: number,
    { min, max }: { readonly min: number; readonly max: number },
    { tookMs, isFull }: { readonly tookMs: number; readonly isFull: boolean },
  ): number {
    if (tookMs > 1.5 * this.#sliceMs) return Math.max(min, Math.round(amount / 2));
    return isFull && tookMs < this.#sliceMs / 2 ? Math.min(max, 2 * amount) : amount;
  }

  #rollBack(): void {
    const { raw } = this.#connection;
    if (!raw.inTransaction) return;
    try {
      raw.exec("rollback");
    } catch {
      // The next `begin` fails where the connection is unusable.
    }
  }

  #forget(): void {
    this.#reading = [];
    this.#entries = [];
    this.#gone = [];
    this.#words = 0;
    this.#shouldCheckQueue = false;
    this.#canMerge = false;
  }
}
