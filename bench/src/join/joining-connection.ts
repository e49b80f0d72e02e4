import { BEARER_PREFIX, SUBPROTOCOL } from "@multichat/protocol";
import WebSocket from "ws";

/** Loopback addresses that the connections use: each has about 28,000 ports. */
const ADDRESSES = 4;
const REPLY = Buffer.from('{"re":');
const ERROR = Buffer.from('"error":');

/** A connection that joins rooms, and counts events without reading them. */
export class JoiningConnection {
  events = 0;
  readonly #socket: WebSocket;
  #lastId = 0;
  #pending = 0;
  #joined: (() => void) | undefined;

  static async open(url: string, token: string, index: number): Promise<JoiningConnection> {
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, [SUBPROTOCOL, `${BEARER_PREFIX}${token}`], {
      localAddress: `127.0.0.${1 + (index % ADDRESSES)}`,
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("open", () => resolve());
      socket.once("error", reject);
    });
    return new JoiningConnection(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#receive(data));
  }

  /** Joins the rooms, by number; resolves when all are answered. */
  async join(rooms: readonly number[]): Promise<void> {
    this.#pending = rooms.length;
    const joined = new Promise<void>((resolve) => {
      this.#joined = resolve;
    });
    for (const room of rooms) {
      this.#lastId += 1;
      this.#socket.send(JSON.stringify({ id: this.#lastId, do: "room.join", room }));
    }
    await joined;
  }

  close(): void {
    this.#socket.terminate();
  }

  #receive(data: Buffer): void {
    if (!data.subarray(0, REPLY.length).equals(REPLY)) {
      this.events += 1;
      return;
    }
    if (data.subarray(0, 40).includes(ERROR)) throw new Error(`Expected a join to succeed, got ${String(data)}`);
    this.#pending -= 1;
    if (this.#pending === 0) this.#joined?.();
  }
}
