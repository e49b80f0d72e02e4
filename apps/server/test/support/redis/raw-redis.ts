import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection to Redis that sends any bytes: what a program with access to it can do without our layers. */
export class RawRedis {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      socket.emit("received");
    });
  }

  static async open(url: string): Promise<RawRedis> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    return new RawRedis(socket);
  }

  /** Everything that has arrived since the last command, as Latin-1. */
  get received(): string {
    return this.#received.toString("latin1");
  }

  /** Sends one command and waits for the beginning of its answer. @throws Error when Redis refuses it. */
  async run(...parts: readonly (string | Uint8Array)[]): Promise<void> {
    this.#received = Buffer.alloc(0);
    const chunks = parts.map((part) => Buffer.from(part));
    const sized = chunks.flatMap((chunk) => [Buffer.from(`$${chunk.length}\r\n`), chunk, Buffer.from("\r\n")]);
    this.#socket.write(Buffer.concat([Buffer.from(`*${chunks.length}\r\n`), ...sized]));
    while (this.#received.length === 0) await once(this.#socket, "received");
    if (this.received.startsWith("-")) throw new Error(`expected Redis to accept ${parts[0]}, got ${this.received}`);
  }

  close(): void {
    this.#socket.destroy();
  }
}
