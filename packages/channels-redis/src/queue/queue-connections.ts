import { hostIndex } from "../consistent-hash.ts";
import type { QueueConnection } from "./queue-connection.ts";

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

  #at(index: number): QueueConnection {
    const connection = this.all[index];
    if (connection === undefined) throw new RangeError(`no server ${index}`);
    return connection;
  }
}
