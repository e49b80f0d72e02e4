import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { DelayedPipe } from "../network/delayed-pipe.ts";

/** "up" is from a server to the service. */
export type Direction = "up" | "down";

const NO_LATENCY = () => 0;
const NO_FAULT = () => undefined;

/** The network between one server and one service that it needs, which can be interrupted, also in one direction. */
export class ServiceLink {
  readonly #server: Server;
  readonly #open = new Map<Socket, Readonly<Record<Direction, DelayedPipe>>>();
  readonly #heldUntil: Record<Direction, number> = { up: 0, down: 0 };

  /** @param port of the service */
  constructor(port: number) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
      const pipes = {
        up: new DelayedPipe(near, far, NO_LATENCY, NO_FAULT),
        down: new DelayedPipe(far, near, NO_LATENCY, NO_FAULT),
      };
      this.#open.set(near, pipes);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        // A service that is down refuses the connection; `close` follows.
        socket.on("error", () => other.destroy());
        socket.once("close", (failed) => {
          if (failed) other.destroy();
        });
      }
      near.once("close", () => {
        this.#open.delete(near);
        pipes.up.stop();
        pipes.down.stop();
        far.destroy();
      });
      for (const direction of ["up", "down"] as const) {
        const ms = this.#heldUntil[direction] - performance.now();
        if (ms > 0) pipes[direction].hold(ms);
      }
    });
  }

  /** @returns the port that the server connects to */
  async listen(): Promise<number> {
    this.#server.listen({ port: 0, host: "127.0.0.1" });
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("Expected the link to have a port.");
    return address.port;
  }

  /** For this time nothing arrives in these directions, also on new connections. What was sent arrives afterwards, as with TCP. */
  interrupt(directions: readonly Direction[], ms: number): void {
    for (const direction of directions) {
      this.#heldUntil[direction] = performance.now() + ms;
      for (const pipes of this.#open.values()) pipes[direction].hold(ms);
    }
  }

  async close(): Promise<void> {
    for (const socket of this.#open.keys()) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }
}
