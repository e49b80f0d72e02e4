/** Names kept: what is still under way to a channel arrives within moments of its end, not thousands of ends later. */
const MAX_RECENT = 10_000;

/**
 * The channels of this process that ended last. What was sent to one before its end may arrive after it; it must not
 * bring the channel's mailbox back to life (L13).
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

  /** Somebody uses the name again. */
  delete(channel: string): void {
    this.#recent.delete(channel);
    this.#older.delete(channel);
  }

  has(channel: string): boolean {
    return this.#recent.has(channel) || this.#older.has(channel);
  }
}
