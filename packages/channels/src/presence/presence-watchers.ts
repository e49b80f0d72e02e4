import type { ClockTimer } from "../layer/clock.ts";
import type { PresenceDiff } from "./presence.ts";
import type { ResolvedPresenceOptions } from "./presence-options.ts";

interface WatchedGroup {
  readonly listeners: Set<{ readonly tell: (diff: PresenceDiff) => void }>;
  /** Whether the member was there before the window, and whether it is now. */
  readonly changes: Map<string, { readonly before: boolean; now: boolean }>;
  members: number;
  timer: ClockTimer | undefined;
}

/**
 * The watchers of one process. Every presence feeds it the single changes, however they reach the process; it gathers
 * them for a window and tells all of a group's listeners one frozen diff.
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

  /** Returns the way to end it, and says whether the group has no listener any more. */
  add(group: string, tell: (diff: PresenceDiff) => void): () => { readonly last: boolean } {
    let watched = this.#groups.get(group);
    if (watched === undefined) {
      watched = { listeners: new Set(), changes: new Map(), members: 0, timer: undefined };
      this.#groups.set(group, watched);
    }
    const listener = { tell };
    const { listeners } = watched;
    listeners.add(listener);
    this.#listenerCount += 1;
    return () => {
      if (!listeners.delete(listener)) return { last: false };
      this.#listenerCount -= 1;
      if (listeners.size > 0) return { last: false };
      this.#removeGroup(group);
      return { last: true };
    };
  }

  /** One member came or went; `members` is the group's count after it. */
  recordChange(group: string, member: string, present: boolean, members: number): void {
    const watched = this.#groups.get(group);
    if (watched === undefined) return;
    watched.members = members;
    const change = watched.changes.get(member);
    if (change === undefined) watched.changes.set(member, { before: !present, now: present });
    else change.now = present;
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
    const net = [...watched.changes].filter(([, change]) => change.before !== change.now);
    watched.changes.clear();
    if (net.length === 0) return;
    const diff: PresenceDiff = Object.freeze({
      group,
      joined: Object.freeze(net.flatMap(([member, change]) => (change.now ? [member] : []))),
      left: Object.freeze(net.flatMap(([member, change]) => (change.now ? [] : [member]))),
      members: watched.members,
    });
    for (const listener of watched.listeners) {
      try {
        listener.tell(diff);
      } catch (error) {
        this.#options.onError(error, group);
      }
    }
  }
}
