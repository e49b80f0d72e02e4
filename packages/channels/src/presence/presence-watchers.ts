import type { ClockTimer } from "../layer/clock.ts";
import type { PresenceDiff } from "./presence.ts";
import type { ResolvedPresenceOptions } from "./presence-options.ts";

/** What became of one member of a group. */
export interface PresenceUpdate {
  readonly isPresent: boolean;
  /** The resulting number of members of the group. */
  readonly members: number;
}

interface WatchedGroup {
  readonly listeners: Set<{ readonly notify: (diff: PresenceDiff) => void }>;
  /** By member: whether it was present before the window, and whether it is present now. */
  readonly changes: Map<string, { readonly wasPresent: boolean; isPresent: boolean }>;
  members: number;
  timer: ClockTimer | undefined;
}

/**
 * The watchers of one process. A presence records every change here; at the end of each window, all listeners of a
 * group get the same frozen diff.
 */
export class PresenceWatchers {
  readonly #options: ResolvedPresenceOptions;
  readonly #groups = new Map<string, WatchedGroup>();
  #listenerCount = 0;

  constructor(options: ResolvedPresenceOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#listenerCount;
  }

  hasWatchers(group: string): boolean {
    return this.#groups.has(group);
  }

  /** Adds a listener. Returns a function that removes it and reports whether it was the group's last. */
  add(group: string, notify: (diff: PresenceDiff) => void): () => { readonly isLast: boolean } {
    let watched = this.#groups.get(group);
    if (watched === undefined) {
      watched = { listeners: new Set(), changes: new Map(), members: 0, timer: undefined };
      this.#groups.set(group, watched);
    }
    const listener = { notify };
    const { listeners } = watched;
    listeners.add(listener);
    this.#listenerCount += 1;
    return () => {
      if (!listeners.delete(listener)) return { isLast: false };
      this.#listenerCount -= 1;
      if (listeners.size > 0) return { isLast: false };
      this.#removeGroup(group);
      return { isLast: true };
    };
  }

  /** Records that a member joined or left. */
  recordChange(group: string, member: string, { isPresent, members }: PresenceUpdate): void {
    const watched = this.#groups.get(group);
    if (watched === undefined) return;
    watched.members = members;
    const change = watched.changes.get(member);
    if (change === undefined) watched.changes.set(member, { wasPresent: !isPresent, isPresent });
    else change.isPresent = isPresent;
    watched.timer ??= this.#options.clock.setTimeout(
      () => this.#notifyListeners(group, watched),
      this.#options.windowMs,
    );
  }

  close(): void {
    for (const group of [...this.#groups.keys()]) {
      this.#groups.get(group)?.listeners.clear();
      this.#removeGroup(group);
    }
    this.#listenerCount = 0;
  }

  #removeGroup(group: string): void {
    const timer = this.#groups.get(group)?.timer;
    if (timer !== undefined) this.#options.clock.clearTimeout(timer);
    this.#groups.delete(group);
  }

  #notifyListeners(group: string, watched: WatchedGroup): void {
    watched.timer = undefined;
    const net = [...watched.changes].filter(([, change]) => change.wasPresent !== change.isPresent);
    watched.changes.clear();
    if (net.length === 0) return;
    const diff: PresenceDiff = Object.freeze({
      group,
      joined: Object.freeze(net.flatMap(([member, change]) => (change.isPresent ? [member] : []))),
      left: Object.freeze(net.flatMap(([member, change]) => (change.isPresent ? [] : [member]))),
      members: watched.members,
    });
    for (const listener of watched.listeners) {
      try {
        listener.notify(diff);
      } catch (error) {
        this.#options.onError(error, group);
      }
    }
  }
}
