import { LRUCache } from "lru-cache";
import type { SessionFound } from "../store/account-store.ts";

/** Credentials remembered, at most: about 300 bytes each. */
const MOST = 10_000;
/** How long a look-up is believed without a word of a change; such a word clears it at once. */
const BELIEVED_MS = 15_000;

/** Who stands behind a credential (a cookie's value or a token), as far as it was looked up lately. */
export class KnownSessions {
  readonly #byCredential: LRUCache<string, SessionFound>;
  readonly #byUser = new Map<string, Set<string>>();
  /** Grows with every clearing: what was read from the database before it may be wrong by now. */
  #generation = 0;

  constructor() {
    this.#byCredential = new LRUCache({
      max: MOST,
      ttl: BELIEVED_MS,
      // A clock that stands still between two looks would make entries live longer, so look each time.
      ttlResolution: 0,
      dispose: ({ user }, credential) => {
        const credentials = this.#byUser.get(user);
        credentials?.delete(credential);
        if (credentials?.size === 0) this.#byUser.delete(user);
      },
    });
  }

  get generation(): number {
    return this.#generation;
  }

  get(credential: string): SessionFound | undefined {
    const session = this.#byCredential.get(credential);
    return session === undefined || session.expiresAt <= Date.now() ? undefined : session;
  }

  remember(credential: string, session: SessionFound): void {
    this.#byCredential.set(credential, session);
    let credentials = this.#byUser.get(session.user);
    if (credentials === undefined) {
      credentials = new Set();
      this.#byUser.set(session.user, credentials);
    }
    credentials.add(credential);
  }

  forget(user: string): void {
    this.#generation += 1;
    // Copied: deleting an entry takes it out of this set.
    for (const credential of [...(this.#byUser.get(user) ?? [])]) this.#byCredential.delete(credential);
  }
}
