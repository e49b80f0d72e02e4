import type { Presence } from "@multichat/protocol";

/** People whose last telling one connection remembers: tellings of one change come right after each other. */
const REMEMBERED = 32;

/** What one connection was told lately of who is there, so that people in several rooms with it are told of once. */
export class ToldPresences {
  readonly #told = new Map<string, string>();

  isNews({ user, status, text }: Presence): boolean {
    const word = `${status} ${text}`;
    const known = this.#told.get(user);
    // At the end again: what is forgotten first is what was told longest ago.
    this.#told.delete(user);
    this.#told.set(user, word);
    if (this.#told.size > REMEMBERED) {
      for (const oldest of this.#told.keys()) {
        this.#told.delete(oldest);
        break;
      }
    }
    return known !== word;
  }
}
