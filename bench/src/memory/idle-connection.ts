import { connect, type Socket } from "node:net";
import { BEARER_PREFIX, SUBPROTOCOL } from "@multichat/protocol";
import { clientFrame } from "../fanout/member.ts";
import { FrameReader } from "../jitter/frame-reader.ts";

const READ_BYTES = 256 * 1024;
// All sockets share one read buffer: each read is processed before the next one.
const READ_BUFFER = Buffer.allocUnsafe(READ_BYTES);
const HANDSHAKE_END = Buffer.from("\r\n\r\n");
const TEXT = 1;
const PING = 9;
/** A pong masked with zeros, without a payload, as the server's pings have none. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
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
  #handshake: Buffer | undefined = Buffer.alloc(0);
  #reader: FrameReader | undefined;

  constructor(options: IdleConnectionOptions) {
    this.#options = options;
    this.#pending = options.rooms.length;
    this.#socket = connect({
      port: options.port,
      host: "127.0.0.1",
      localAddress: `127.0.0.${2 + Math.floor(options.index / CONNECTIONS_PER_ADDRESS)}`,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (size, bytes) => {
          this.#read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), size);
          return true;
        },
      },
    });
    this.#socket.on("error", (error) => this.#fail(String(error)));
    this.#socket.once("close", () => this.#fail("the server closed a connection"));
    this.#socket.write(
      [
        "GET /ws HTTP/1.1",
        `host: 127.0.0.1:${options.port}`,
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        `sec-websocket-protocol: ${SUBPROTOCOL}, ${BEARER_PREFIX}${options.token}`,
        "",
        "",
      ].join("\r\n"),
    );
  }

  /** Resolves when the connection has joined its rooms. */
  joined(): Promise<void> {
    return this.#joined.promise;
  }

  #read(chunk: Buffer, size: number): void {
    if (this.#handshake === undefined) {
      this.#reader?.read(chunk, size);
      return;
    }
    const handshake = Buffer.concat([this.#handshake, chunk.subarray(0, size)]);
    const end = handshake.indexOf(HANDSHAKE_END);
    if (end === -1) {
      this.#handshake = handshake;
      return;
    }
    if (!handshake.toString("latin1", 0, 12).endsWith(" 101")) {
      this.#fail(`expected a WebSocket, got ${handshake.toString("latin1", 0, 300)}`);
      return;
    }
    this.#handshake = undefined;
    this.#reader = new FrameReader((buffer, start, frameEnd, opcode) => {
      if (opcode === TEXT) this.#handleFrame(buffer, start, frameEnd);
      else if (opcode === PING) this.#socket.write(PONG);
    });
    const joins = this.#options.rooms.map((room, id) => clientFrame(JSON.stringify({ id, do: "room.join", room })));
    this.#socket.write(Buffer.concat(joins));
    const rest = handshake.subarray(end + HANDSHAKE_END.length);
    this.#reader.read(rest, rest.length);
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
