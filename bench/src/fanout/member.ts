import type { Socket } from "node:net";
import { clientFrame } from "../sockets/client-frame.ts";
import { openSocket } from "../sockets/open-socket.ts";
import { upgradeRequest } from "../sockets/upgrade-request.ts";
import { type FrameListener, FrameScanner } from "./frame-scanner.ts";
import type { WireFormat } from "./plan.ts";

const ENGINE_OPEN = 0x30;
const ENGINE_PING = 0x32;

/** A member of the room, made as cheap as possible: a TCP socket whose frames are counted by their lengths. */
export class Member {
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  readonly #scanner: FrameScanner;
  readonly #wireFormat: WireFormat;
  readonly #resolveReady: () => void;

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
    this.#socket = openSocket({
      port,
      request: upgradeRequest(wireFormat === "socket.io" ? "/socket.io/?EIO=4&transport=websocket" : "/"),
      onOpen: () => {
        if (wireFormat === "plain") this.#resolveReady();
      },
      onBytes: (chunk, size) => this.#scanner.scan(chunk, size),
      onRefused: (response) => {
        throw new Error(`Expected a WebSocket, got ${response}`);
      },
    });
    this.#socket.on("error", () => {});
  }

  /** Sends a message to the room. */
  send(message: string): void {
    this.#socket.write(clientFrame(this.#wireFormat === "socket.io" ? `42["message",${message}]` : message));
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Answers the packets of engine.io and socket.io that are not messages: open, connected, ping. */
  #answerControlPacket(buffer: Buffer, start: number, length: number): void {
    // The server ignores a request for the namespace before it has opened the session.
    if (buffer[start] === ENGINE_OPEN) this.#socket.write(clientFrame("40"));
    else if (length === 1 && buffer[start] === ENGINE_PING) this.#socket.write(clientFrame("3"));
    else if (buffer.toString("latin1", start, start + Math.min(length, 2)) === "40") this.#resolveReady();
  }
}
