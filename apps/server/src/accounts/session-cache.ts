import { LRUCache } from "lru-cache";
import type { ActiveSession } from "../store/people/account-store.ts";

/** Credentials remembered, at most: about 300 bytes each. */
const MAX_ENTRIES = 10_000;
/** How long a look-up is believed without a word of a change; such a word clears it at once. */
const TTL_MS = 15_000;

/** Who stands behind a credential (a key for a cookie's value or a token), as far as it was looked up lately. */
export class SessionCache {
  readonly #byKey: LRUCache<string, ActiveSession>;
  readonly #byUser = new Map<string, Set<string>>();
  /** Grows with every clearing: what was read from the database before it may be wrong by now. */
  #generation = 0;

  constructor() {
    this.#byKey = new LRUCache({
      max: MAX_ENTRIES,
      ttl: TTL_MS,
      // A clock that stands still between two looks would make entries live longer, so look each time.
      ttlResolution: 0,
      dispose: ({ user }, key) => {
        const keys = this.#byUser.get(user);
        keys?.delete(key);
        if (keys?.size === 0) this.#byUser.delete(user);
      },
    });
  }

  get generation(): number {
    return this.#generation;
  }

  get(key: string): ActiveSession | undefined {
    const session = this.#byKey.get(key);
    return session === undefined || session.expiresAt <= Date.now() ? undefined : session;
  }

  set(key: string, session: ActiveSession): void {
    this.#byKey.set(key, session);
    let keys = this.#byUser.get(session.user);
    if (keys === undefined) {
      keys = new Set();
      this.#byUser.set(session.user, keys);
    }
    keys.add(key);
  }

  deleteUser(user: string): void {
    this.#generation += 1;
    // Copied: deleting an entry takes it out of this set.
    for (const key of [...(this.#byUser.get(user) ?? [])]) this.#byKey.delete(key);
  }
}
