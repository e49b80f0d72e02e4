import type { Presence } from "@multichat/protocol";

/** Users remembered for a connection. Duplicates of one change arrive right after each other, so few are enough. */
const MAX_REMEMBERED_USERS = 32;
/** A connection to which nothing has come for one to two of these intervals remembers nothing. */
const SWEEP_INTERVAL_MS = 5_000;

/** The connections that remember presences. One timer serves all of them. */
const remembering = new Set<PresenceDeduplicator>();

function remember(deduplicator: PresenceDeduplicator): void {
  remembering.add(deduplicator);
  if (remembering.size === 1) setTimeout(sweep, SWEEP_INTERVAL_MS).unref();
}

function sweep(): void {
  for (const deduplicator of remembering) if (deduplicator.forgetIfIdle()) remembering.delete(deduplicator);
  if (remembering.size > 0) setTimeout(sweep, SWEEP_INTERVAL_MS).unref();
}

/** Detects repeats of a presence change, which reaches a connection once for each room that it shares with the user. */
export class PresenceDeduplicator {
  /** As they arrived, the oldest first. Connections share these objects with the event that brought them. */
  #lastSent: readonly Presence[] | undefined;
  #isIdle = true;

  /** Returns whether this presence differs from the last one of its user, and remembers it. */
  isNew(presence: Presence): boolean {
    if (this.#lastSent === undefined) remember(this);
    this.#isIdle = false;
    const lastSent = this.#lastSent ?? [];
    const last = lastSent.find(({ user }) => user === presence.user);
    const others = last === undefined ? lastSent : lastSent.filter((other) => other !== last);
    this.#lastSent = others.slice(1 - MAX_REMEMBERED_USERS).concat([presence]);
    return last?.status !== presence.status || last.text !== presence.text;
  }

  /** Forgets everything if no presence has come since the last call. Returns whether it remembers nothing now. */
  forgetIfIdle(): boolean {
    if (this.#isIdle) this.#lastSent = undefined;
    this.#isIdle = true;
    return this.#lastSent === undefined;
  }
}
