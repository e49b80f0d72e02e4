/** Names per set. A message in flight to an ended channel arrives long before this many other channels have ended. */
const MAX_RECENT = 10_000;

/**
 * The channels of this process that ended most recently. A message sent to one before its end may arrive after it, and
 * must not recreate the channel's mailbox (L13).
 */
export class EndedChannels {
  #recent = new Set<string>();
  #older = new Set<string>();

  add(channel: string): void {
    this.#recent.add(channel);
    if (this.#recent.size < MAX_RECENT) return;
    this.#older = this.#recent;
    this.#recent = new Set();
  }

  /** Forgets a channel whose name is in use again. */
  delete(channel: string): void {
    this.#recent.delete(channel);
    this.#older.delete(channel);
  }

  has(channel: string): boolean {
    return this.#recent.has(channel) || this.#older.has(channel);
  }
}
