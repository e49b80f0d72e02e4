import type { Presence } from "@multichat/protocol";

/** Users remembered for a connection. Duplicates of one change arrive right after each other, so few are enough. */
const MAX_REMEMBERED_USERS = 32;

/** Detects repeats of a presence change, which reaches a connection once for each room that it shares with the user. */
export class PresenceDeduplicator {
  readonly #lastSent = new Map<string, string>();

  /** Returns whether this presence differs from the last one of its user, and remembers it. */
  isNew({ user, status, text }: Presence): boolean {
    const current = `${status} ${text}`;
    const last = this.#lastSent.get(user);
    // Deleted first, so that it moves to the end and the oldest entry is evicted first.
    this.#lastSent.delete(user);
    this.#lastSent.set(user, current);
    if (this.#lastSent.size > MAX_REMEMBERED_USERS) {
      for (const oldest of this.#lastSent.keys()) {
        this.#lastSent.delete(oldest);
        break;
      }
    }
    return last !== current;
  }
}
