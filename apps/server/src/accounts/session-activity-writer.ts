import type { AccountStore, ActiveSession } from "../store/people/account-store.ts";
import { SESSION_SECONDS } from "./session-cookie.ts";

/** The precision of "last seen"; a write per request would cost more than it is worth. */
const ACTIVITY_RESOLUTION_MS = 5 * 60_000;
const WRITE_INTERVAL_MS = 60_000;
/** Sessions waiting to be written; further ones are recorded at their next request. */
const MAX_PENDING_SESSIONS = 10_000;
/**
 * How long an expired session, which is refused already, may wait for its entry in the audit log, and for the end of connections
 * that only listen.
 */
const CLEANUP_INTERVAL_MS = 60_000;

/** Writes the activity of sessions at intervals, which also extends them, and ends expired sessions. */
export class SessionActivityWriter {
  readonly #store: AccountStore;
  readonly #onError: (error: unknown) => void;
  readonly #timers: readonly NodeJS.Timeout[];
  #pending = new Map<string, number>();

  constructor(store: AccountStore, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
    this.#timers = [
      setInterval(() => void this.write(), WRITE_INTERVAL_MS).unref(),
      setInterval(() => void this.endExpiredSessions(), CLEANUP_INTERVAL_MS).unref(),
    ];
  }

  record(session: ActiveSession): void {
    const now = Date.now();
    if (now - session.lastSeenAt < ACTIVITY_RESOLUTION_MS) return;
    if (this.#pending.size < MAX_PENDING_SESSIONS || this.#pending.has(session.id)) this.#pending.set(session.id, now);
  }

  async write(): Promise<void> {
    if (this.#pending.size === 0) return;
    const seen = [...this.#pending].map(([id, at]) => ({ id, at, expiresAt: at + SESSION_SECONDS * 1000 }));
    this.#pending = new Map();
    try {
      await this.#store.touchSessions({ seen });
    } catch (error) {
      this.#onError(error);
    }
  }

  async endExpiredSessions(): Promise<void> {
    try {
      // A few accounts in each transaction, so that nobody waits for a thousand sessions that expire together.
      while ((await this.#store.endExpiredSessions()) > 0);
    } catch (error) {
      this.#onError(error);
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.write();
  }
}
