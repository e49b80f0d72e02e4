import { connect, type Socket } from "node:net";
import { type FrameListener, FrameScanner } from "./frame-scanner.ts";
import type { WireFormat } from "./plan.ts";

const READ_BYTES = 256 * 1024;
// All sockets share one read buffer: each read is processed before the next one.
const READ_BUFFER = Buffer.allocUnsafe(READ_BYTES);
const HANDSHAKE_END = Buffer.from("\r\n\r\n");
const ENGINE_OPEN = 0x30;
const ENGINE_PING = 0x32;

/** Encodes a client's frame. The mask is all zeros, which leaves the payload unchanged. */
export function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header =
    length < 126 ? Buffer.from([0x81, 0x80 | length, 0, 0, 0, 0]) : Buffer.from([0x81, 0xfe, 0, 0, 0, 0, 0, 0]);
  if (length >= 126) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** A member of the room, made as cheap as possible: a TCP socket whose frames are counted by their lengths. */
export class Member {
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  readonly #scanner: FrameScanner;
  readonly #wireFormat: WireFormat;
  readonly #resolveReady: () => void;
  #isUpgraded = false;
  #handshake = Buffer.alloc(0);

  constructor(port: number, wireFormat: WireFormat, onMessage: FrameListener) {
    this.#wireFormat = wireFormat;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#resolveReady = resolve;
    this.#scanner = new FrameScanner((buffer, start, length) => {
      if (wireFormat === "socket.io" && (length < 60 || buffer[start] === ENGINE_OPEN))
        this.#answerControlPacket(buffer, start, length);
      else onMessage(buffer, start, length);
    });
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (size, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength), size);
          return true;
        },
      },
    });
    this.#socket.on("error", () => {});
    const path = wireFormat === "socket.io" ? "/socket.io/?EIO=4&transport=websocket" : "/";
    this.#socket.write(
      [
        `GET ${path} HTTP/1.1`,
        "host: localhost",
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "",
        "",
      ].join("\r\n"),
    );
  }

  /** Sends a message to the room. */
  send(message: string): void {
    this.#socket.write(clientFrame(this.#wireFormat === "socket.io" ? `42["message",${message}]` : message));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(buffer: Buffer, size: number): void {
    if (this.#isUpgraded) {
      this.#scanner.scan(buffer, size);
      return;
    }
    this.#handshake = Buffer.concat([this.#handshake, buffer.subarray(0, size)]);
    const end = this.#handshake.indexOf(HANDSHAKE_END);
    if (end === -1) return;
    if (!this.#handshake.toString("latin1", 0, 12).endsWith(" 101"))
      throw new Error(`Expected a WebSocket, got ${this.#handshake.toString("latin1")}`);
    this.#isUpgraded = true;
    if (this.#wireFormat === "plain") this.#resolveReady();
    const rest = this.#handshake.subarray(end + HANDSHAKE_END.length);
    this.#scanner.scan(rest, rest.length);
  }

  /** Answers the packets of engine.io and socket.io that are not messages: open, connected, ping. */
  #answerControlPacket(buffer: Buffer, start: number, length: number): void {
    // The server ignores a request for the namespace before it has opened the session.
    if (buffer[start] === ENGINE_OPEN) this.#socket.write(clientFrame("40"));
    else if (length === 1 && buffer[start] === ENGINE_PING) this.#socket.write(clientFrame("3"));
    else if (buffer.toString("latin1", start, start + Math.min(length, 2)) === "40") this.#resolveReady();
  }
}
