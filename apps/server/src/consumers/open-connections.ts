/** A connection that can be told that it missed something. */
export interface OpenConnection {
  missedEvent(): void;
}

/**
 * This process's connections by the name of their channel. Their mailboxes are bounded, and what a full one does not take
 * may be the end of a session or of a right: whoever misses an event must not go on as if nothing had been.
 */
export class OpenConnections {
  readonly #byChannel = new Map<string, OpenConnection>();

  get size(): number {
    return this.#byChannel.size;
  }

  add(channel: string, connection: OpenConnection): void {
    this.#byChannel.set(channel, connection);
  }

  remove(channel: string): void {
    this.#byChannel.delete(channel);
  }

  /** The layer dropped an event on its way to this channel. Of a channel that is nobody's here, nothing follows. */
  dropped(channel: string): void {
    this.#byChannel.get(channel)?.missedEvent();
  }
}
