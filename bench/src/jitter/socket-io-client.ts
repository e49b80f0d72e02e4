import { upgradeRequest } from "../sockets/upgrade-request.ts";
import { type ClientListener, eachMessageNumber, type ProtocolClient } from "./protocol-client.ts";

const ENGINE_OPEN = 0x30;
const ENGINE_PING = 0x32;
const ENGINE_MESSAGE = 0x34;
const PACKET_CONNECT = 0x30;
const PACKET_EVENT = 0x32;
const QUOTE = 0x22;

/** Speaks Socket.IO 4 over WebSocket, with connection state recovery where the server offers it. */
export class SocketIoClient implements ProtocolClient {
  readonly request: string;
  readonly #listener: ClientListener;
  /** The id by which the server recognizes a returning client. */
  #pid: string | undefined;
  #offset: string | undefined;

  constructor(room: number, listener: ClientListener) {
    this.request = upgradeRequest(`/socket.io/?EIO=4&transport=websocket&room=${room}`);
    this.#listener = listener;
  }

  handleOpen(): undefined {
    // The server ignores a request for the namespace before it has opened the session.
    return undefined;
  }

  handleClose(): void {}

  handleFrame(buffer: Buffer, start: number, end: number, send: (text: string) => void): void {
    const kind = buffer[start];
    if (kind === ENGINE_OPEN) {
      send(this.#pid === undefined ? "40" : `40${JSON.stringify({ pid: this.#pid, offset: this.#offset })}`);
    } else if (kind === ENGINE_PING) {
      send("3");
    } else if (kind === ENGINE_MESSAGE && buffer[start + 1] === PACKET_CONNECT) {
      const { pid } = JSON.parse(buffer.toString("utf8", start + 2, end)) as { readonly pid?: string };
      this.#pid = pid;
      this.#listener.joined();
    } else if (kind === ENGINE_MESSAGE && buffer[start + 1] === PACKET_EVENT) {
      if (this.#pid !== undefined) this.#offset = offsetOf(buffer, start, end);
      eachMessageNumber(buffer, start, end, (n) => this.#listener.received(n));
    }
  }

  senderSetup(): readonly string[] {
    return [];
  }

  messageFrame(room: number, text: string): string {
    return `42${JSON.stringify(["message", room, { user: "alice", text }])}`;
  }
}

/** Returns the offset that ends every event when recovery is enabled: `,"…"]`. */
function offsetOf(buffer: Buffer, start: number, end: number): string | undefined {
  if (buffer[end - 2] !== QUOTE) return undefined;
  const from = buffer.lastIndexOf(QUOTE, end - 3);
  return from <= start ? undefined : buffer.toString("latin1", from + 1, end - 2);
}
