import { digestOf } from "../history/queue-history.ts";
import type { QueueEntry } from "./queue-bounds.ts";
import { groupByQueue } from "./queue-keys.ts";

/** The members of a group as the server last had them. */
export interface KnownGroup {
  readonly size: number;
  readonly digest: string;
  readonly queues: readonly QueueEntry[];
}

/** Members of all groups together. Beyond it the groups are forgotten that have not been sent to for the longest time. */
const MAX_MEMBERS = 100_000;
const EMPTY: KnownGroup = { size: 0, digest: digestOf([]), queues: [] };

/**
 * The members of groups that this process sends to, so that an event needs one round trip: the server compares their digest, and
 * answers with the present ones where they have changed.
 */
export class KnownMembers {
  readonly #groups = new Map<string, KnownGroup>();
  #size = 0;

  /** Returns the members as they were last; without any until the server has answered. */
  get(group: string): KnownGroup {
    return this.#groups.get(group) ?? EMPTY;
  }

  set(group: string, members: readonly Buffer[]): KnownGroup {
    const known = { size: members.length, digest: digestOf(members), queues: [...groupByQueue(members, undefined)] };
    this.#delete(group);
    this.#groups.set(group, known);
    // A group costs something, also without members.
    this.#size += known.size + 1;
    for (const oldest of this.#groups.keys()) {
      if (this.#size <= MAX_MEMBERS) break;
      this.#delete(oldest);
    }
    return known;
  }

  #delete(group: string): void {
    const known = this.#groups.get(group);
    if (known === undefined) return;
    this.#groups.delete(group);
    this.#size -= known.size + 1;
  }
}
