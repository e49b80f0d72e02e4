import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const INTERVAL_MS = 10;
/** A handshake without a session: refused by a server that serves, and in another way by one that does not any more. */
const HANDSHAKE = [
  "GET /ws HTTP/1.1",
  "Host: localhost",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Protocol: multichat.v1",
  "",
  "",
].join("\r\n");
const DRAINING = "HTTP/1.1 503";

/** Opens a connection every few milliseconds, and measures the longest time in which none was answered by a server that serves. */
export class AvailabilityProbe {
  readonly #port: number;
  readonly #running: Promise<void>;
  #isRunning = true;
  #answeredAt = performance.now();
  #longestMs = 0;

  constructor(port: number) {
    this.#port = port;
    this.#running = this.#run();
  }

  /** Returns the longest time without an answer, in milliseconds. */
  async stop(): Promise<number> {
    this.#isRunning = false;
    await this.#running;
    return Math.round(this.#longestMs);
  }

  async #run(): Promise<void> {
    while (this.#isRunning) {
      const startedAt = performance.now();
      if (await this.#isServed()) {
        const answeredAt = performance.now();
        this.#longestMs = Math.max(this.#longestMs, answeredAt - this.#answeredAt);
        this.#answeredAt = answeredAt;
      }
      await wait(Math.max(0, INTERVAL_MS - (performance.now() - startedAt)));
    }
  }

  async #isServed(): Promise<boolean> {
    const socket = connect(this.#port, "127.0.0.1");
    const closed = new AbortController();
    // A server that ends can close it without an answer and without an error.
    socket.once("close", () => closed.abort());
    try {
      socket.write(HANDSHAKE);
      const [answer] = (await once(socket, "data", { signal: closed.signal })) as [Buffer];
      return !answer.toString("latin1").startsWith(DRAINING);
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}
