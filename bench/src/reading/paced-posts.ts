import { randomUUID } from "node:crypto";
import type { Connection } from "../stall/connection.ts";
import type { MeasuredServer } from "./measured-server.ts";

const CONNECTIONS = 10;
const TICK_MS = 4;

/** Posts messages at a steady rate, whatever the server does, to as many rooms as there are connections. */
export class PacedPosts {
  readonly #connections: readonly Connection[];
  readonly #perMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #sent = 0;
  #latenciesMs: number[] = [];
  #failure: unknown;

  static async start(server: MeasuredServer, tokens: readonly string[], perSecond: number): Promise<PacedPosts> {
    const connections = await Promise.all(
      Array.from({ length: CONNECTIONS }, (_, index) => server.connect(tokens[index % tokens.length] ?? "")),
    );
    await Promise.all(connections.map((connection, index) => connection.do("room.join", { room: index + 1 })));
    return new PacedPosts(connections, perSecond);
  }

  private constructor(connections: readonly Connection[], perSecond: number) {
    this.#connections = connections;
    this.#perMs = perSecond / 1_000;
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS);
  }

  /** Returns the times until the acknowledgement of the messages since the last call. */
  take(): readonly number[] {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#latenciesMs.splice(0);
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.close();
  }

  #sendDue(): void {
    const due = (performance.now() - this.#startedAt) * this.#perMs;
    for (; this.#sent < due; this.#sent += 1) {
      const place = this.#sent % this.#connections.length;
      const sentAt = performance.now();
      const body = `a message about quark${this.#sent % 1_000} that arrives while others are searched`;
      this.#connections[place]?.do("message.send", { room: place + 1, clientId: randomUUID(), body }).then(
        () => this.#latenciesMs.push(performance.now() - sentAt),
        (error: unknown) => {
          this.#failure = error;
        },
      );
    }
  }
}
