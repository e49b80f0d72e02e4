import { eventually } from "@multichat/channels/testing";
import { WebSocket } from "ws";

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
  #ended: number | undefined;
  #refused: number | undefined;

  constructor(url: string, { cookie, origin, protocols = [], headers }: SocketOptions = {}) {
    this.ws = new WebSocket(url, [...protocols], {
      headers: { ...(cookie === undefined ? {} : { cookie }), ...(origin === undefined ? {} : { origin }), ...headers },
    });
    this.ws.on("message", (data: Buffer) => this.received.push(JSON.parse(data.toString())));
    this.ws.on("pong", (data: Buffer) => this.received.push({ pong: data.toString() }));
    this.ws.on("close", (code: number) => {
      if (this.#refused !== undefined) return;
      this.#ended = code;
      this.received.push({ close: code });
    });
    this.ws.on("unexpected-response", (request, response) => {
      this.#refused = response.statusCode ?? 0;
      this.received.push({ http: this.#refused });
      response.resume();
      request.destroy();
    });
    this.ws.on("error", () => {
      // What it means comes as "close" or "unexpected-response".
    });
  }

  /** The handshake is over, one way or the other. */
  async settled(): Promise<this> {
    await eventually(() => this.isOpen || this.#refused !== undefined || this.#ended !== undefined);
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
  async closed(): Promise<number> {
    return await eventually(() => this.#ended ?? false);
  }

  close(): void {
    this.ws.close();
  }
}
