/** The most changes kept. A removal beyond it takes effect when the group expires. */
const MAX_CHANGES = 100_000;

/** The membership changes that a server missed while it was unavailable: the last one of each channel and group. */
export class MembershipBacklog {
  readonly #changes = new Map<string, Map<string, { readonly isMember: boolean }>>();
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  record(group: string, channel: string, change: { readonly isMember: boolean }): void {
    const channels = this.#changes.get(group) ?? new Map<string, { readonly isMember: boolean }>();
    if (!channels.has(channel)) {
      if (this.#size >= MAX_CHANGES) return;
      this.#size += 1;
    }
    this.#changes.set(group, channels.set(channel, change));
  }

  /** Empties the backlog and returns its changes by group. */
  takeAll(): [group: string, channels: Map<string, { readonly isMember: boolean }>][] {
    const changes = [...this.#changes];
    this.clear();
    return changes;
  }

  clear(): void {
    this.#changes.clear();
    this.#size = 0;
  }
}
