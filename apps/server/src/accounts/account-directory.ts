import { LRUCache } from "lru-cache";
import type { Account } from "./accounts.ts";

/** Accounts remembered, and ids that belong to none. */
const MAX_ENTRIES = 10_000;
/** How long an entry is used if no change is reported; a change removes it at once. */
const TTL_MS = 15_000;
/** Look-ups that can wait for the database; one more is answered as for an unknown id. */
const MAX_PENDING = 1_000;

/** The accounts by id, for events that name a user often: one look-up in the database for many of them. */
export class AccountDirectory {
  readonly #find: (id: string) => Promise<Account | undefined>;
  readonly #entries = new LRUCache<string, Promise<Account | undefined>>({ max: MAX_ENTRIES, ttl: TTL_MS });
  #pending = 0;

  constructor(find: (id: string) => Promise<Account | undefined>) {
    this.#find = find;
  }

  /** Returns the account with this id. Looks for no username. */
  async find(id: string): Promise<Account | undefined> {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    if (this.#pending >= MAX_PENDING) return undefined;
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
