/** Changes kept: beyond it a membership that could not be ended ends with its group's expiry. */
const MAX_CHANGES = 100_000;

/** What a server must be told about memberships when it is back: what changed last of each while it was away. */
export class MembershipBacklog {
  readonly #changes = new Map<string, Map<string, boolean>>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  record(group: string, channel: string, member: boolean): void {
    const channels = this.#changes.get(group) ?? new Map<string, boolean>();
    if (!channels.has(channel)) {
      if (this.#size >= MAX_CHANGES) return;
      this.#size += 1;
    }
    this.#changes.set(group, channels.set(channel, member));
  }

  /** By group, everything; it is empty then. */
  takeAll(): [group: string, channels: Map<string, boolean>][] {
    const changes = [...this.#changes];
    this.clear();
    return changes;
  }

  clear(): void {
    this.#changes.clear();
    this.#size = 0;
  }
}
