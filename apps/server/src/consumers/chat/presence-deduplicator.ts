import type { Presence } from "@multichat/protocol";

/** Users remembered for a connection. Duplicates of one change arrive right after each other, so few are enough. */
const MAX_REMEMBERED_USERS = 32;

/** Detects repeats of a presence change, which reaches a connection once for each room that it shares with the user. */
export class PresenceDeduplicator {
  /** As they arrived, the oldest first. Connections share these objects with the event that brought them. */
  #lastSent: readonly Presence[] | undefined;

  /** Returns whether this presence differs from the last one of its user, and remembers it. */
  isNew(presence: Presence): boolean {
    const lastSent = this.#lastSent ?? [];
    const last = lastSent.find(({ user }) => user === presence.user);
    const others = last === undefined ? lastSent : lastSent.filter((other) => other !== last);
    this.#lastSent = others.slice(1 - MAX_REMEMBERED_USERS).concat([presence]);
    return last?.status !== presence.status || last.text !== presence.text;
  }
}
