import { RedisScript } from "../connection/redis-script.ts";
import { hostIndex } from "../consistent-hash.ts";
import { disconnectedError } from "../layer-errors.ts";
import type { QueueConnection } from "./queue-connection.ts";
import { flushScript } from "./queue-scripts.ts";

const flushCommand = new RedisScript(flushScript);

/** The scripts to load before a server is used. */
export const FLUSH_SCRIPTS: readonly RedisScript[] = [flushCommand];

/** The connections of a queue layer, one per server. */
export class QueueConnections {
  readonly all: readonly QueueConnection[];
  #lastIndex = 0;

  constructor(connections: readonly QueueConnection[]) {
    this.all = connections;
  }

  /** Returns the server that holds a name. */
  of(name: string): QueueConnection {
    return this.#at(hostIndex(name, this.all.length));
  }

  /** Returns each server in turn: named channels are spread over all servers on both sides, as in Python. */
  next(): QueueConnection {
    this.#lastIndex = (this.#lastIndex + 1) % this.all.length;
    return this.#at(this.#lastIndex);
  }

  /**
   * Deletes the keys that match a pattern on every server.
   * @throws LayerDisconnected when one of them is unavailable.
   */
  async deleteKeys(pattern: string): Promise<void> {
    for (const connection of this.all) {
      try {
        await connection.ready();
        let cursor = "0";
        do {
          cursor = String(await flushCommand.run(connection.commands.corked, [], [pattern, cursor]));
        } while (cursor !== "0");
      } catch (error) {
        throw disconnectedError(error);
      }
    }
  }

  #at(index: number): QueueConnection {
    const connection = this.all[index];
    if (connection === undefined) throw new RangeError(`no server ${index}`);
    return connection;
  }
}
