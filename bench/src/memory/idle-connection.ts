import type { Socket } from "node:net";
import { clientFrame, PING, PONG, TEXT } from "../sockets/client-frame.ts";
import { FrameReader } from "../sockets/frame-reader.ts";
import { openSocket } from "../sockets/open-socket.ts";
import { chatUpgradeRequest } from "../sockets/upgrade-request.ts";

const REPLY_START = '{"re":';
/** Connections from one loopback address, of the 28,000 ports that each has. */
const CONNECTIONS_PER_ADDRESS = 10_000;

export interface IdleConnectionOptions {
  readonly port: number;
  readonly token: string;
  /** The number of the connection, among those of all processes. */
  readonly index: number;
  /** The numbers of the rooms that it joins. */
  readonly rooms: readonly number[];
  readonly onFailure: (reason: string) => void;
}

/** A signed-in connection that joins rooms, answers pings and does nothing else. */
export class IdleConnection {
  readonly #options: IdleConnectionOptions;
  readonly #socket: Socket;
  readonly #joined = Promise.withResolvers<void>();
  #pending: number;

  constructor(options: IdleConnectionOptions) {
    this.#options = options;
    this.#pending = options.rooms.length;
    const reader = new FrameReader((buffer, start, end, opcode) => {
      if (opcode === TEXT) this.#handleFrame(buffer, start, end);
      else if (opcode === PING) this.#socket.write(PONG);
    });
    this.#socket = openSocket({
      port: options.port,
      localAddress: `127.0.0.${2 + Math.floor(options.index / CONNECTIONS_PER_ADDRESS)}`,
      request: chatUpgradeRequest(options.token),
      onOpen: () => this.#join(),
      onBytes: (chunk, size) => reader.read(chunk, size),
      onRefused: (response) => this.#fail(`expected a WebSocket, got ${response}`),
    });
    this.#socket.on("error", (error) => this.#fail(String(error)));
    this.#socket.once("close", () => this.#fail("the server closed a connection"));
  }

  /** Resolves when the connection has joined its rooms. */
  joined(): Promise<void> {
    return this.#joined.promise;
  }

  #join(): void {
    const joins = this.#options.rooms.map((room, id) => clientFrame(JSON.stringify({ id, do: "room.join", room })));
    this.#socket.write(Buffer.concat(joins));
  }

  #handleFrame(buffer: Buffer, start: number, end: number): void {
    if (buffer.toString("latin1", start, start + REPLY_START.length) !== REPLY_START) return;
    const text = buffer.toString("utf8", start, Math.min(end, start + 200));
    if (text.includes('"error":')) this.#fail(`expected a join to succeed, got ${text}`);
    this.#pending -= 1;
    if (this.#pending === 0) this.#joined.resolve();
  }

  #fail(reason: string): void {
    this.#options.onFailure(reason);
    this.#joined.reject(new Error(reason));
  }
}
