import { usernameKey } from "../store/people/username-key.ts";
import type { Account } from "./accounts.ts";

interface Entry {
  readonly key: string;
  readonly account: Account;
}

/** How long the index is used if no change is reported. */
const TTL_MS = 60_000;

/** The sorted usernames of all accounts, for completing @mentions. Read again after an account changes. */
export class UsernameIndex {
  readonly #read: () => Promise<readonly Account[]>;
  #entries: Promise<readonly Entry[]> | undefined;
  #readAt = 0;

  constructor(read: () => Promise<readonly Account[]>) {
    this.#read = read;
  }

  /** Call after an account was created or changed. */
  invalidate(): void {
    this.#entries = undefined;
  }

  async findByPrefix(
    prefix: string,
    limit: number,
    matches: (account: Account) => boolean,
  ): Promise<readonly Account[]> {
    const key = usernameKey(prefix);
    const entries = await this.#all();
    const found: Account[] = [];
    for (let index = lowerBound(entries, key); index < entries.length && found.length < limit; index += 1) {
      const entry = entries[index];
      if (entry === undefined || !entry.key.startsWith(key)) break;
      if (matches(entry.account)) found.push(entry.account);
    }
    return found;
  }

  #all(): Promise<readonly Entry[]> {
    if (this.#entries === undefined || performance.now() - this.#readAt > TTL_MS) {
      this.#readAt = performance.now();
      const reading = this.#read().then(toSortedEntries);
      // A failed read is not cached; its callers get the error.
      reading.catch(() => {
        if (this.#entries === reading) this.#entries = undefined;
      });
      this.#entries = reading;
    }
    return this.#entries;
  }
}

function toSortedEntries(accounts: readonly Account[]): readonly Entry[] {
  return accounts
    .filter(({ active }) => active)
    .map((account) => ({ key: usernameKey(account.username), account }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** Returns the index of the first entry whose key is not less than `key`. */
function lowerBound(entries: readonly Entry[], key: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.key ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
