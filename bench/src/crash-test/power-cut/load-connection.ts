import { BEARER_PREFIX, SUBPROTOCOL } from "@multichat/protocol";
import WebSocket from "ws";

/** A reply to a command, with the position of the storage's record when it arrived. */
export type PositionedReply =
  | { readonly kind: "ok"; readonly ok: unknown; readonly position: number }
  | { readonly kind: "refused"; readonly code: string; readonly retryAfterMs: number };

interface Frame {
  readonly re?: number;
  readonly ok?: unknown;
  readonly error?: { readonly code: string; readonly retryAfter?: number };
  readonly on?: string;
}

export interface LoadConnectionOptions {
  readonly url: string;
  readonly token: string;
  /** The position of the record now. */
  readonly position: () => number;
  /** Called with each event and the position when it arrived. */
  readonly onEvent: (event: object, position: number) => void;
}

/** A signed-in WebSocket. What waits for a reply when it ends waits forever, as nobody knows what became of it. */
export class LoadConnection {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: PositionedReply) => void>();
  #lastId = 0;

  static async open(options: LoadConnectionOptions): Promise<LoadConnection> {
    const socket = new WebSocket(`${options.url.replace(/^http/, "ws")}/ws`, [
      SUBPROTOCOL,
      `${BEARER_PREFIX}${options.token}`,
    ]);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    return new LoadConnection(socket, options);
  }

  private constructor(socket: WebSocket, { position, onEvent }: LoadConnectionOptions) {
    this.#socket = socket;
    // The server ends in the middle of the load.
    socket.on("error", () => {});
    socket.on("message", (data) => {
      const at = position();
      // The server's own frames.
      const frame = JSON.parse(String(data)) as Frame;
      if (frame.re === undefined) {
        onEvent(frame, at);
        return;
      }
      const { error } = frame;
      this.#waiting.get(frame.re)?.(
        error === undefined
          ? { kind: "ok", ok: frame.ok, position: at }
          : { kind: "refused", code: error.code, retryAfterMs: 1_000 * (error.retryAfter ?? 0) },
      );
      this.#waiting.delete(frame.re);
    });
  }

  send(name: string, params: object): Promise<PositionedReply> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, do: name, ...params }), () => {});
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}
