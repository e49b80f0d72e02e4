import { setImmediate } from "node:timers/promises";

/** A connection that can be told what concerns it alone. */
export interface OpenConnection {
  onEventDropped(): void;
  /** Takes its memberships anew. */
  renewGroups(): Promise<void>;
}

/** Connections that are renewed in one turn of the event loop. */
const RENEWALS_PER_TURN = 50;

/**
 * This process's connections by the name of their channel. Their mailboxes are bounded, and what a full one does not take
 * may be the end of a session or of a right: whoever misses an event must not go on as if nothing had been. Memberships
 * expire (L7), for the sake of processes that died; those of connections that live are renewed.
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
  onDrop(channel: string): void {
    this.#byChannel.get(channel)?.onEventDropped();
  }

  /** All of them, a few at a time. Never rejects. */
  async renewGroups(): Promise<void> {
    let renewed = 0;
    for (const connection of [...this.#byChannel.values()]) {
      await connection.renewGroups();
      renewed += 1;
      if (renewed % RENEWALS_PER_TURN === 0) await setImmediate();
    }
  }
}
