import { usernameKey } from "../store/people/username-key.ts";
import type { Account } from "./accounts.ts";

interface Entry {
  readonly key: string;
  readonly account: Account;
}

/** How long a reading of all accounts holds without a word of a change, in milliseconds. */
const TTL_MS = 60_000;

/** Everybody's names in order, for completing what somebody has begun to write: read anew after each change of an account. */
export class UsernameIndex {
  readonly #read: () => Promise<readonly Account[]>;
  #entries: Promise<readonly Entry[]> | undefined;
  #readAt = 0;

  constructor(read: () => Promise<readonly Account[]>) {
    this.#read = read;
  }

  /** An account was made or changed. */
  invalidate(): void {
    this.#entries = undefined;
  }

  async findByPrefix(prefix: string, limit: number, fits: (account: Account) => boolean): Promise<readonly Account[]> {
    const key = usernameKey(prefix);
    const entries = await this.#all();
    const found: Account[] = [];
    for (let place = lowerBound(entries, key); place < entries.length && found.length < limit; place += 1) {
      const entry = entries[place];
      if (entry === undefined || !entry.key.startsWith(key)) break;
      if (fits(entry.account)) found.push(entry.account);
    }
    return found;
  }

  #all(): Promise<readonly Entry[]> {
    if (this.#entries === undefined || performance.now() - this.#readAt > TTL_MS) {
      this.#readAt = performance.now();
      const reading = this.#read().then(toSortedEntries);
      // One that failed is not kept; who asked hears why.
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

/** The place of the first key that is not below this one. */
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
