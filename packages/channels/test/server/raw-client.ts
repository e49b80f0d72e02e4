import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client on the TCP level, for requests and frames that violate the protocol. */
export class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
    // Some tests make the server reset the connection.
    socket.on("error", () => {});
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** All bytes received so far. */
  get received(): Buffer {
    return this.#received;
  }

  write(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Sends an upgrade request. Headers with the value `undefined` are omitted. */
  upgrade(path: string, headers: Readonly<Record<string, string | undefined>> = {}, method = "GET"): void {
    const all: Record<string, string | undefined> = {
      host: "localhost",
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    };
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
    this.write([`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
  }

  /** Resolves with all received bytes when the server has closed the connection. */
  async ended(): Promise<string> {
    if (!this.socket.destroyed) await once(this.socket, "close");
    return this.#received.toString("latin1");
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Builds a masked frame of a client. */
export function clientFrame(opcode: number, payload: Uint8Array, { fin = true } = {}): Buffer {
  const length = payload.byteLength;
  const header = length < 126 ? Buffer.alloc(2) : Buffer.alloc(4);
  header[0] = (fin ? 0x80 : 0) | opcode;
  if (length < 126) {
    header[1] = 0x80 | length;
  } else {
    header[1] = 0x80 | 126;
    header.writeUInt16BE(length, 2);
  }
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = Buffer.from(payload).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([header, mask, masked]);
}
