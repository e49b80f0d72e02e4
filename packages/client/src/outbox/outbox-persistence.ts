import type { Clock } from "../core/clock.ts";
import type { OutboxRecord, OutboxStorage } from "../model/outbox-message.ts";
import type { Tabs } from "./tabs.ts";

/** Milliseconds that the storage gets for telling what is left from before; after that, sending begins without. */
const PATIENCE = 5_000;

export interface OutboxPersistenceOptions {
  readonly clock: Clock;
  readonly storage: OutboxStorage;
  readonly tabs: Tabs;
  readonly failed: (error: unknown) => void;
}

/** The storage of an outbox, as one tab among several uses it. It may fail: what cannot be kept is sent all the same. */
export class OutboxPersistence {
  readonly #options: OutboxPersistenceOptions;
  /** Writes go to the storage one after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: OutboxPersistenceOptions) {
    this.#options = options;
  }

  put(record: OutboxRecord): void {
    this.#write((storage) => storage.put(record));
  }

  delete(clientId: string): void {
    this.#write((storage) => storage.delete(clientId));
  }

  /** Resolves in any case: with what the storage tells, or when it has had its time. */
  waitFor(adopted: Promise<void>): Promise<void> {
    const { clock, failed } = this.#options;
    return new Promise((resolve) => {
      const stop = clock.after(PATIENCE, resolve);
      adopted.catch(failed).finally(() => {
        stop();
        resolve();
      });
    });
  }

  /** What tabs that are gone have left, oldest first, as this tab's own from now on. */
  async orphans(known: (clientId: string) => boolean): Promise<readonly OutboxRecord[]> {
    const { storage, tabs } = this.#options;
    const records = (await storage.all()).filter(({ owner, clientId }) => owner !== tabs.self && !known(clientId));
    if (records.length === 0) return [];
    const gone = await tabs.gone(new Set(records.map(({ owner }) => owner)));
    return (
      records
        .filter(({ owner, clientId }) => gone.has(owner) && !known(clientId))
        .sort((a, b) => a.createdAt - b.createdAt || (a.clientId < b.clientId ? -1 : 1))
        // What an earlier version kept answers nothing.
        .map((record) => ({ ...record, replyTo: record.replyTo ?? null, owner: tabs.self }))
    );
  }

  #write(write: (storage: OutboxStorage) => Promise<void>): void {
    const { storage, failed } = this.#options;
    this.#writing = this.#writing.then(() => write(storage)).catch(failed);
  }
}
