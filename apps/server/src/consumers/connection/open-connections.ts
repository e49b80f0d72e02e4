import { setImmediate } from "node:timers/promises";

/** The part of a connection that `OpenConnections` calls. */
export interface OpenConnection {
  /** Called when the layer dropped an event on its way to this connection. */
  onEventDropped(): void;
  /** Renews its group memberships. Never rejects. */
  renewGroups(): Promise<void>;
}

/** Connections renewed in one turn of the event loop. */
const RENEWALS_PER_TURN = 50;

/**
 * This process's connections by channel name. Their mailboxes are bounded, and a dropped event may be the end of a session
 * or of access to a room, so a connection that misses an event must be closed. Group memberships expire (L7) to clean up
 * after processes that died; the memberships of open connections are renewed here.
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

  /** Handles an event that the layer dropped on its way to `channel`, which may belong to no connection of this process. */
  onDrop(channel: string): void {
    this.#byChannel.get(channel)?.onEventDropped();
  }

  /** Renews the group memberships of all connections, a few per turn of the event loop. Never rejects. */
  async renewGroups(): Promise<void> {
    let renewed = 0;
    for (const connection of [...this.#byChannel.values()]) {
      await connection.renewGroups();
      renewed += 1;
      if (renewed % RENEWALS_PER_TURN === 0) await setImmediate();
    }
  }
}
