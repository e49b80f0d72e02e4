import type { Presence } from "@multichat/protocol";

/** People whose last telling one connection remembers: tellings of one change come right after each other. */
const MAX_REMEMBERED_USERS = 32;

/** What one connection was told lately of who is there, so that people in several rooms with it are told of once. */
export class PresenceDeduplicator {
  readonly #lastSent = new Map<string, string>();

  isNews({ user, status, text }: Presence): boolean {
    const word = `${status} ${text}`;
    const known = this.#lastSent.get(user);
    // At the end again: what is forgotten first is what was told longest ago.
    this.#lastSent.delete(user);
    this.#lastSent.set(user, word);
    if (this.#lastSent.size > MAX_REMEMBERED_USERS) {
      for (const oldest of this.#lastSent.keys()) {
        this.#lastSent.delete(oldest);
        break;
      }
    }
    return known !== word;
  }
}
