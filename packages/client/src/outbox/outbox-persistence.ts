import type { Clock } from "../core/clock.ts";
import type { OutboxRecord } from "../model/outbox-message.ts";
import type { OutboxStorage } from "../storage/outbox-storage.ts";
import { compareByTime } from "./outbox-entry.ts";
import type { Tabs } from "./tabs.ts";

/** How long reading the storage can take before sending begins without it. */
const READ_TIMEOUT_MS = 5_000;

/** What other tabs have left in the storage. */
export interface StoredMessages {
  /** Those of closed tabs, oldest first, with this tab as their owner. */
  readonly orphans: readonly OutboxRecord[];
  /** Whether a tab that looks open has messages that wait to be sent. */
  readonly hasOthers: boolean;
}

export interface OutboxPersistenceOptions {
  readonly clock: Clock;
  readonly storage: OutboxStorage;
  readonly tabs: Tabs;
  readonly onStorageError: (error: unknown) => void;
}

/** Stores the messages of this tab, and adopts those of closed tabs. Messages that cannot be stored are sent all the same. */
export class OutboxPersistence {
  readonly #options: OutboxPersistenceOptions;
  /** Writes are made one after the other. */
  #lastWrite: Promise<void> = Promise.resolve();
  /** Whether a read has not ended in time. Until one ends, sending does not wait for another one. */
  #isHanging = false;

  constructor(options: OutboxPersistenceOptions) {
    this.#options = options;
  }

  put(record: OutboxRecord): void {
    this.#write((storage) => storage.put(record));
  }

  delete(clientId: string): void {
    this.#write((storage) => storage.delete(clientId));
  }

  /** Always resolves: when the adoption has ended or failed, or after a timeout. */
  waitFor(adoption: Promise<unknown>): Promise<void> {
    const { clock, onStorageError } = this.#options;
    return new Promise((resolve) => {
      const stopTimer = clock.after(this.#isHanging ? 0 : READ_TIMEOUT_MS, () => {
        this.#isHanging = true;
        resolve();
      });
      adoption.catch(onStorageError).finally(() => {
        this.#isHanging = false;
        stopTimer();
        resolve();
      });
    });
  }

  async findOrphans(isKnown: (clientId: string) => boolean): Promise<StoredMessages> {
    const { storage, tabs } = this.#options;
    const records = (await storage.all()).filter(({ owner, clientId }) => owner !== tabs.self && !isKnown(clientId));
    if (records.length === 0) return { orphans: [], hasOthers: false };
    const closed = await tabs.findClosed(new Set(records.map(({ owner }) => owner)));
    const orphans = records
      .filter(({ owner, clientId }) => closed.has(owner) && !isKnown(clientId))
      .sort(compareByTime)
      // Records of an earlier version have no `replyTo`.
      .map((record) => ({ ...record, replyTo: record.replyTo ?? null, owner: tabs.self }));
    return { orphans, hasOthers: records.some(({ owner, failed }) => failed === null && !closed.has(owner)) };
  }

  #write(write: (storage: OutboxStorage) => Promise<void>): void {
    const { storage, onStorageError } = this.#options;
    this.#lastWrite = this.#lastWrite.then(() => write(storage)).catch(onStorageError);
  }
}
