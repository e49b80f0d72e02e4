import { LRUCache } from "lru-cache";
import type { Account } from "./accounts.ts";

/** How long an entry is used if no change is reported; a change removes it at once. */
const TTL_MS = 15_000;
const DEFAULTS = { maxEntries: 10_000, maxPending: 1_000 } as const;

export interface AccountDirectoryOptions {
  /** Accounts remembered, and ids that belong to none. @default 10_000 */
  readonly maxEntries?: number;
  /** Look-ups that can wait for the database; one more is answered as for an unknown id. @default 1_000 */
  readonly maxPending?: number;
}

/** The accounts by id, for events that name a user often: one look-up in the database for many of them. */
export class AccountDirectory {
  readonly #find: (id: string) => Promise<Account | undefined>;
  readonly #entries: LRUCache<string, Promise<Account | undefined>>;
  readonly #maxPending: number;
  #pending = 0;

  constructor(find: (id: string) => Promise<Account | undefined>, options: AccountDirectoryOptions = {}) {
    const { maxEntries, maxPending } = { ...DEFAULTS, ...options };
    this.#find = find;
    this.#maxPending = maxPending;
    // With the option `max`, the cache would take memory for all of them at once.
    this.#entries = new LRUCache({ maxSize: maxEntries, sizeCalculation: () => 1, ttl: TTL_MS });
  }

  /** Returns the account with this id. Looks for no username. */
  async find(id: string): Promise<Account | undefined> {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    if (this.#pending >= this.#maxPending) return undefined;
    const found = this.#read(id);
    this.#entries.set(id, found);
    // A failed read is not remembered; its callers get the error.
    found.catch(() => this.#entries.delete(id));
    return found;
  }

  /** Call after the account has changed. */
  forget(id: string): void {
    this.#entries.delete(id);
  }

  async #read(id: string): Promise<Account | undefined> {
    this.#pending += 1;
    try {
      const account = await this.#find(id);
      return account?.id === id ? account : undefined;
    } finally {
      this.#pending -= 1;
    }
  }
}
