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
  #answered: (() => void) | undefined;

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
    await this.#request(rooms.map((room) => ({ do: "room.join", room })));
  }

  /** Catches up as the SDK does after a restart: asks for the list of rooms and for the events that were missed. */
  async resume(epoch: string, seqs: Readonly<Record<string, number>>): Promise<void> {
    await this.#request([{ do: "room.list" }, { do: "resume", epoch, rooms: seqs }]);
  }

  close(): void {
    this.#socket.terminate();
  }

  /** Sends the commands; resolves when all are answered. */
  async #request(commands: readonly object[]): Promise<void> {
    this.#pending = commands.length;
    const answered = new Promise<void>((resolve) => {
      this.#answered = resolve;
    });
    for (const command of commands) {
      this.#lastId += 1;
      this.#socket.send(JSON.stringify({ id: this.#lastId, ...command }));
    }
    await answered;
  }

  #receive(data: Buffer): void {
    if (!data.subarray(0, REPLY.length).equals(REPLY)) {
      this.events += 1;
      return;
    }
    if (data.subarray(0, 40).includes(ERROR)) throw new Error(`Expected a command to succeed, got ${String(data)}`);
    this.#pending -= 1;
    if (this.#pending === 0) this.#answered?.();
  }
}
