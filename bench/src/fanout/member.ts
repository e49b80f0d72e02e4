import { connect, type Socket } from "node:net";
import { FrameScanner, type OnFrame } from "./frame-scanner.ts";
import type { Dialect } from "./plan.ts";

const readBytes = 256 * 1024;
// All sockets read into one buffer: what a read brings is looked at before the next.
const shared = Buffer.allocUnsafe(readBytes);
const headerEnd = Buffer.from("\r\n\r\n");
const engineOpen = 0x30;
const enginePing = 0x32;

/** A frame from a client. The mask is all zeros: the payload stays as it is. */
export function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header =
    length < 126 ? Buffer.from([0x81, 0x80 | length, 0, 0, 0, 0]) : Buffer.from([0x81, 0xfe, 0, 0, 0, 0, 0, 0]);
  if (length >= 126) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** A member of the room, as cheap as one can be: a TCP socket whose frames are counted by their lengths. */
export class Member {
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  readonly #scanner: FrameScanner;
  readonly #dialect: Dialect;
  readonly #resolveReady: () => void;
  #upgraded = false;
  #head = Buffer.alloc(0);

  constructor(port: number, dialect: Dialect, onMessage: OnFrame) {
    this.#dialect = dialect;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#resolveReady = resolve;
    this.#scanner = new FrameScanner((buffer, start, length) => {
      if (dialect === "socket.io" && (length < 60 || buffer[start] === engineOpen))
        this.#control(buffer, start, length);
      else onMessage(buffer, start, length);
    });
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (size, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength), size);
          return true;
        },
      },
    });
    this.#socket.on("error", () => {});
    const path = dialect === "socket.io" ? "/socket.io/?EIO=4&transport=websocket" : "/";
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
  say(message: string): void {
    this.#socket.write(clientFrame(this.#dialect === "socket.io" ? `42["message",${message}]` : message));
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(buffer: Buffer, size: number): void {
    if (this.#upgraded) {
      this.#scanner.scan(buffer, size);
      return;
    }
    this.#head = Buffer.concat([this.#head, buffer.subarray(0, size)]);
    const end = this.#head.indexOf(headerEnd);
    if (end === -1) return;
    if (!this.#head.toString("latin1", 0, 12).endsWith(" 101"))
      throw new Error(`Refused: ${this.#head.toString("latin1")}`);
    this.#upgraded = true;
    if (this.#dialect === "plain") this.#resolveReady();
    const rest = this.#head.subarray(end + headerEnd.length);
    this.#scanner.scan(rest, rest.length);
  }

  /** What engine.io and socket.io say beside messages: open, connected, ping. */
  #control(buffer: Buffer, start: number, length: number): void {
    // Asking for the namespace before the server has opened the session is lost on it.
    if (buffer[start] === engineOpen) this.#socket.write(clientFrame("40"));
    else if (length === 1 && buffer[start] === enginePing) this.#socket.write(clientFrame("3"));
    else if (buffer.toString("latin1", start, start + Math.min(length, 2)) === "40") this.#resolveReady();
  }
}
