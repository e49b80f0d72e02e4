import { once } from "node:events";
import { createServer, type Server } from "node:net";
import type { Random } from "../crowd/random.ts";
import { type CutKind, ProxiedConnection } from "./proxied-connection.ts";

/** What a bad network has done so far. */
export interface NetworkCounts {
  readonly connections: number;
  readonly cuts: Readonly<Record<CutKind, number>>;
  readonly stalls: number;
  readonly silences: number;
}

export interface NetworkOptions {
  readonly random: Random;
  /** Where the server is. */
  readonly port: number;
  /** Seconds between two faults of one connection, on average. */
  readonly meanSeconds: number;
}

/** A TCP proxy that is a bad network: it delays, stalls, falls silent and cuts, also in the middle of a frame. */
export class BadNetwork {
  readonly #server: Server;
  readonly #open = new Set<ProxiedConnection>();
  #harmful = true;
  #closed: Promise<void> | undefined;
  #connections = 0;
  #stalls = 0;
  #silences = 0;
  readonly #cuts: Record<CutKind, number> = { "between-frames": 0, "mid-frame": 0, "after-asking": 0 };

  constructor(options: NetworkOptions) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.#connections += 1;
      const connection = new ProxiedConnection({
        client,
        port: options.port,
        random: options.random.fork(this.#connections),
        meanSeconds: options.meanSeconds,
        harmful: () => this.#harmful,
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

  /** Nothing new happens to any connection. What is silent stays so: the clients have to find out. */
  calm(): void {
    this.#harmful = false;
  }

  /** Twice is once. */
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
