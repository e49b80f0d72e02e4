import type { AccountStore, ActiveSession } from "../store/people/account-store.ts";
import { SESSION_SECONDS } from "./session-cookie.ts";

/** "Last seen" is right to this much; a write for every request would cost more than it tells. */
const COARSE_MS = 5 * 60_000;
const WRITE_EVERY_MS = 60_000;
/** Sessions waiting to be written, at most; those beyond are seen again soon enough. */
const MOST = 10_000;
const CLEAN_EVERY_MS = 60 * 60_000;

/** Writes down now and then which sessions were in use, which also lets them live on, and ends those that ran out. */
export class SeenSessions {
  readonly #store: AccountStore;
  readonly #onError: (error: unknown) => void;
  readonly #timers: readonly NodeJS.Timeout[];
  #seen = new Map<string, number>();

  constructor(store: AccountStore, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
    this.#timers = [
      setInterval(() => void this.write(), WRITE_EVERY_MS).unref(),
      setInterval(() => void this.clean(), CLEAN_EVERY_MS).unref(),
    ];
  }

  note(session: ActiveSession): void {
    const now = Date.now();
    if (now - session.lastSeenAt < COARSE_MS) return;
    if (this.#seen.size < MOST || this.#seen.has(session.id)) this.#seen.set(session.id, now);
  }

  async write(): Promise<void> {
    if (this.#seen.size === 0) return;
    const seen = [...this.#seen].map(([id, at]) => ({ id, at, expiresAt: at + SESSION_SECONDS * 1000 }));
    this.#seen = new Map();
    try {
      await this.#store.touchSessions(seen);
    } catch (error) {
      this.#onError(error);
    }
  }

  async clean(): Promise<void> {
    try {
      await this.#store.endExpiredSessions();
    } catch (error) {
      this.#onError(error);
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.write();
  }
}
