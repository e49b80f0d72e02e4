import { WebSocket } from "ws";

const TIMEOUT_MS = 300_000;

export interface SocketOptions {
  readonly cookie?: string | undefined;
  readonly origin?: string | undefined;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** What a client received: a JSON frame, a pong, the close code, or the status of a refused handshake. */
export type Got = unknown;

/** A WebSocket that records everything it receives. */
export class Socket {
  readonly ws: WebSocket;
  /** In order. The caller may remove items. */
  readonly received: Got[] = [];
  readonly #checks = new Set<() => void>();
  #ended: number | undefined;
  #refused: number | undefined;

  constructor(url: string, { cookie, origin, protocols = [], headers }: SocketOptions = {}) {
    this.ws = new WebSocket(url, [...protocols], {
      headers: { ...(cookie === undefined ? {} : { cookie }), ...(origin === undefined ? {} : { origin }), ...headers },
    });
    this.ws.on("open", () => this.#runChecks());
    this.ws.on("message", (data: Buffer) => this.#record(JSON.parse(data.toString())));
    this.ws.on("pong", (data: Buffer) => this.#record({ pong: data.toString() }));
    this.ws.on("close", (code: number) => {
      if (this.#refused !== undefined) return;
      this.#ended = code;
      this.#record({ close: code });
    });
    this.ws.on("unexpected-response", (request, response) => {
      this.#refused = response.statusCode ?? 0;
      this.#record({ http: this.#refused });
      response.resume();
      request.destroy();
    });
    this.ws.on("error", () => {
      // Reported by "close" or "unexpected-response" as well.
    });
  }

  /** Resolves when the handshake has succeeded or failed. */
  async settled(): Promise<this> {
    await this.until(() => this.isOpen || this.isOver);
    return this;
  }

  get isOpen(): boolean {
    return this.ws.readyState === WebSocket.OPEN;
  }

  get isOver(): boolean {
    return this.#ended !== undefined || this.#refused !== undefined;
  }

  /** The HTTP status of a refused handshake. */
  get refused(): number | undefined {
    return this.#refused;
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** Waits for the connection to close. @returns the close code. */
  async closed(timeoutMs?: number): Promise<number> {
    return await this.until(() => this.#ended ?? false, timeoutMs);
  }

  /** Runs `check` after every frame, and resolves with its first result other than false. @throws Error on a timeout. */
  async until<T>(check: () => T | false, timeoutMs = TIMEOUT_MS): Promise<T> {
    return await new Promise((resolve, reject) => {
      const run = (): void => {
        const value = check();
        if (value === false) return;
        stop();
        resolve(value);
      };
      const stop = (): void => {
        clearTimeout(timer);
        this.#checks.delete(run);
      };
      const timer = setTimeout(() => {
        stop();
        reject(
          new Error(`expected the condition to hold within ${timeoutMs} ms; last received ${this.#lastReceived()}`),
        );
      }, timeoutMs);
      this.#checks.add(run);
      run();
    });
  }

  #record(item: Got): void {
    this.received.push(item);
    this.#runChecks();
  }

  #runChecks(): void {
    for (const run of [...this.#checks]) run();
  }

  #lastReceived(): string {
    return JSON.stringify(this.received.slice(-5));
  }

  close(): void {
    this.ws.close();
  }
}
