import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { Random } from "../../clients/random.ts";
import { type CutKind, ProxiedConnection } from "./proxied-connection.ts";

/** The faults that a bad network has caused so far. */
export interface NetworkCounts {
  readonly connections: number;
  readonly cuts: Readonly<Record<CutKind, number>>;
  readonly stalls: number;
  readonly silences: number;
}

/** Returns how many connections were cut. */
export function totalCuts({ cuts }: NetworkCounts): number {
  return Object.values(cuts).reduce((sum, count) => sum + count, 0);
}

export interface NetworkOptions {
  readonly random: Random;
  /** Of the servers. Each connection leads to one of them. */
  readonly ports: readonly number[];
  /** Seconds between two faults of one connection, on average. */
  readonly faultIntervalSeconds: number;
}

/** A TCP proxy that simulates a bad network: it delays, stalls, silences and cuts connections, also in mid-frame. */
export class BadNetwork {
  readonly #server: Server;
  readonly #open = new Set<ProxiedConnection>();
  #areFaultsEnabled = true;
  #closed: Promise<void> | undefined;
  #connections = 0;
  #stalls = 0;
  #silences = 0;
  readonly #cuts: Record<CutKind, number> = { "between-frames": 0, "mid-frame": 0, "before-reply": 0 };

  constructor(options: NetworkOptions) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.#connections += 1;
      const random = options.random.fork(this.#connections);
      const connection = new ProxiedConnection({
        client,
        port: random.pick(options.ports),
        random,
        faultIntervalSeconds: options.faultIntervalSeconds,
        areFaultsEnabled: () => this.#areFaultsEnabled,
        onCut: (kind) => {
          this.#cuts[kind] += 1;
        },
        onFault: (kind) => {
          if (kind === "stall") this.#stalls += 1;
          else this.#silences += 1;
        },
      });
      this.#open.add(connection);
      void connection.closed.then(() => this.#open.delete(connection));
    });
  }

  /** @returns the port that the clients connect to */
  async listen(): Promise<number> {
    this.#server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 });
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("Expected the proxy to have a port.");
    return address.port;
  }

  get counts(): NetworkCounts {
    return {
      connections: this.#connections,
      cuts: { ...this.#cuts },
      stalls: this.#stalls,
      silences: this.#silences,
    };
  }

  /** Causes no further faults. Silenced connections stay silent: the clients have to detect them. */
  stopFaults(): void {
    this.#areFaultsEnabled = false;
  }

  /** Closes the proxy and every connection. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    for (const connection of this.#open) connection.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}
