import { setTimeout } from "node:timers/promises";
import { BEARER_PREFIX, SUBPROTOCOL } from "@multichat/protocol";
import WebSocket from "ws";

interface Reply {
  readonly re: number;
  readonly ok?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly retryAfter?: number };
}

/** A connection that sends commands and awaits their replies. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  static async open(url: string, token: string): Promise<Connection> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, [SUBPROTOCOL, `${BEARER_PREFIX}${token}`]);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    return new Connection(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      // The server sends replies and events as JSON; only a reply has `re`.
      const frame = JSON.parse(String(data)) as Reply;
      this.#waiting.get(frame.re)?.(frame);
      this.#waiting.delete(frame.re);
    });
  }

  send(name: string, params: object): Promise<Reply> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, do: name, ...params }));
    });
  }

  /** Sends a command that has to succeed. */
  async do(name: string, params: object): Promise<unknown> {
    const { ok, error } = await this.send(name, params);
    if (error !== undefined) throw new Error(`Expected ${name} to succeed, got ${error.code}: ${error.message}`);
    return ok;
  }

  /** Sends a command that has to succeed, as often as the server asks to wait. */
  async doPatiently(name: string, params: object): Promise<unknown> {
    for (;;) {
      const { ok, error } = await this.send(name, params);
      if (error === undefined) return ok;
      if (error.retryAfter === undefined) {
        throw new Error(`Expected ${name} to succeed, got ${error.code}: ${error.message}`);
      }
      await setTimeout(error.retryAfter * 1_000);
    }
  }

  close(): void {
    this.#socket.terminate();
  }
}
