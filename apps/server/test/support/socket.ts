import { WebSocket } from "ws";

const PATIENCE_MS = 60_000;

export interface SocketOptions {
  readonly cookie?: string | undefined;
  readonly origin?: string | undefined;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a client got: a JSON frame, a pong, the end, or a refused handshake. */
export type Got = unknown;

/** A WebSocket that keeps all that it got, in order. */
export class Socket {
  readonly ws: WebSocket;
  /** In order; the caller may take from the front. */
  readonly received: Got[] = [];
  readonly #waiting = new Set<() => void>();
  #ended: number | undefined;
  #refused: number | undefined;

  constructor(url: string, { cookie, origin, protocols = [], headers }: SocketOptions = {}) {
    this.ws = new WebSocket(url, [...protocols], {
      headers: { ...(cookie === undefined ? {} : { cookie }), ...(origin === undefined ? {} : { origin }), ...headers },
    });
    this.ws.on("open", () => this.#look());
    this.ws.on("message", (data: Buffer) => this.#got(JSON.parse(data.toString())));
    this.ws.on("pong", (data: Buffer) => this.#got({ pong: data.toString() }));
    this.ws.on("close", (code: number) => {
      if (this.#refused !== undefined) return;
      this.#ended = code;
      this.#got({ close: code });
    });
    this.ws.on("unexpected-response", (request, response) => {
      this.#refused = response.statusCode ?? 0;
      this.#got({ http: this.#refused });
      response.resume();
      request.destroy();
    });
    this.ws.on("error", () => {
      // What it means comes as "close" or "unexpected-response".
    });
  }

  /** The handshake is over, one way or the other. */
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

  /** The HTTP status that the handshake was refused with. */
  get refused(): number | undefined {
    return this.#refused;
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** The code that it was closed with. */
  async closed(timeoutMs?: number): Promise<number> {
    return await this.until(() => this.#ended ?? false, timeoutMs);
  }

  /** Looks at every frame, and resolves when `check` says something else than false. @throws when it never does. */
  async until<T>(check: () => T | false, timeoutMs = PATIENCE_MS): Promise<T> {
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const value = check();
        if (value === false) return;
        stop();
        resolve(value);
      };
      const stop = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`what was waited for had not come after ${timeoutMs} ms; got ${this.#lately()}`));
      }, timeoutMs);
      this.#waiting.add(look);
      look();
    });
  }

  #got(what: Got): void {
    this.received.push(what);
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }

  #lately(): string {
    return JSON.stringify(this.received.slice(-5));
  }

  close(): void {
    this.ws.close();
  }
}
