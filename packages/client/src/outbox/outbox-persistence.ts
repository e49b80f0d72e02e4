import type { Clock } from "../core/clock.ts";
import type { OutboxRecord } from "../model/outbox-message.ts";
import type { OutboxStorage } from "../storage/outbox-storage.ts";
import type { Tabs } from "./tabs.ts";

/** How long reading the storage can take before sending begins without it. */
const READ_TIMEOUT_MS = 5_000;

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
  waitFor(adoption: Promise<void>): Promise<void> {
    const { clock, onStorageError } = this.#options;
    return new Promise((resolve) => {
      const stopTimer = clock.after(READ_TIMEOUT_MS, resolve);
      adoption.catch(onStorageError).finally(() => {
        stopTimer();
        resolve();
      });
    });
  }

  /** Resolves with the messages that closed tabs have left, oldest first, with this tab as their owner. */
  async adoptOrphans(isKnown: (clientId: string) => boolean): Promise<readonly OutboxRecord[]> {
    const { storage, tabs } = this.#options;
    const records = (await storage.all()).filter(({ owner, clientId }) => owner !== tabs.self && !isKnown(clientId));
    if (records.length === 0) return [];
    const closed = await tabs.findClosed(new Set(records.map(({ owner }) => owner)));
    return (
      records
        .filter(({ owner, clientId }) => closed.has(owner) && !isKnown(clientId))
        .sort((a, b) => a.createdAt - b.createdAt || (a.clientId < b.clientId ? -1 : 1))
        // Records of an earlier version have no `replyTo`.
        .map((record) => ({ ...record, replyTo: record.replyTo ?? null, owner: tabs.self }))
    );
  }

  #write(write: (storage: OutboxStorage) => Promise<void>): void {
    const { storage, onStorageError } = this.#options;
    this.#lastWrite = this.#lastWrite.then(() => write(storage)).catch(onStorageError);
  }
}
