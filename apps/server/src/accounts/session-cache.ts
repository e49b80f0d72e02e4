import { LRUCache } from "lru-cache";
import type { ActiveSession } from "../store/people/account-store.ts";

/** Cached credentials, about 300 bytes each. */
const MAX_ENTRIES = 10_000;
/** How long an entry is used if no change is reported; a change clears it immediately. */
const TTL_MS = 15_000;

/** The sessions of recently used credentials, keyed by cookie value or token. */
export class SessionCache {
  readonly #byKey: LRUCache<string, ActiveSession>;
  readonly #byUser = new Map<string, Set<string>>();
  /** Removes expired entries, which the cache would keep until others take their place. */
  readonly #purgeTimer: NodeJS.Timeout;
  /** Grows with every deletion, which invalidates what was read from the database before it. */
  #generation = 0;

  constructor() {
    this.#purgeTimer = setInterval(() => this.#byKey.purgeStale(), TTL_MS).unref();
    this.#byKey = new LRUCache({
      // With the option `max`, it would take memory for all of them at once.
      maxSize: MAX_ENTRIES,
      sizeCalculation: () => 1,
      ttl: TTL_MS,
      // Reads the clock on every access: a cached time would extend the life of an entry.
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
    // Copied, because deleting an entry removes it from this set.
    for (const key of [...(this.#byUser.get(user) ?? [])]) this.#byKey.delete(key);
  }

  close(): void {
    clearInterval(this.#purgeTimer);
  }
}
