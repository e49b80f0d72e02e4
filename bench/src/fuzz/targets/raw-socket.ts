import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Finding } from "../target.ts";

/** Longer than any input takes on a busy machine; the end of it counts as a server that hangs. */
export const ANSWER_TIMEOUT_MS = 60_000;

/** A TCP connection that sends bytes as they are and collects what comes back. */
export class RawSocket {
  readonly #socket: Socket;
  readonly closed: Promise<void>;
  #received = "";
  #onData: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#received += text;
      this.#onData();
    });
    // "close" follows.
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
        this.#onData();
      });
    });
  }

  static async connect(url: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    const raw = new RawSocket(socket);
    await once(socket, "connect");
    return raw;
  }

  get received(): string {
    return this.#received;
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Forgets what was received. */
  clear(): void {
    this.#received = "";
  }

  write(text: string): void {
    this.#socket.write(text, "latin1");
  }

  /** Sends nothing more; the server can still answer. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Waits until what was received satisfies the condition or the connection is closed. @throws Finding after a minute */
  async until(isComplete: (received: string) => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Finding("the server did not answer")), ANSWER_TIMEOUT_MS);
    this.#onData = () => {
      if (this.isClosed || isComplete(this.#received)) resolve();
    };
    this.#onData();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#onData = () => {};
    }
  }
}
