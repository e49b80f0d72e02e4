import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { RedisProcess } from "./redis-process.ts";

/** A Sentinel that answers (in RESP3) when the test says so: the order of its replies and announcements decides what is tested. */
export class ScriptedSentinel {
  readonly address: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #masterPort: number;
  readonly #sockets = new Set<Socket>();
  readonly #subscribers = new Set<Socket>();
  readonly #waiting = new Set<Socket>();
  #isHolding = false;

  private constructor(server: Server, masterPort: number) {
    this.#server = server;
    this.#masterPort = masterPort;
    this.address = { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
    server.on("connection", (socket) => this.#serve(socket));
  }

  static async start(master: Pick<RedisProcess, "port">): Promise<ScriptedSentinel> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ScriptedSentinel(server, master.port);
  }

  /** How many questions for the master wait for `answer`. */
  get held(): number {
    return this.#waiting.size;
  }

  /** Leaves questions for the master without a reply from now on. */
  hold(): void {
    this.#isHolding = true;
  }

  /** Answers the questions that wait, and later ones at once. */
  answer(): void {
    this.#isHolding = false;
    for (const socket of this.#waiting) this.#answer(socket);
    this.#waiting.clear();
  }

  /** Ends the connections of the questions that wait, and answers later ones at once. */
  cut(): void {
    this.#isHolding = false;
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }

  /** Publishes the change of the master to all that have subscribed. */
  announceMaster(): void {
    const text = `chat 127.0.0.1 1 127.0.0.1 ${this.#masterPort}`;
    const reply = `>3\r\n$7\r\nmessage\r\n$14\r\n+switch-master\r\n$${text.length}\r\n${text}\r\n`;
    for (const socket of this.#subscribers) socket.write(reply);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      for (const sockets of [this.#sockets, this.#subscribers, this.#waiting]) sockets.delete(socket);
    });
    socket.on("data", (chunk) => {
      // A client sends its few short commands whole.
      for (const [, words = ""] of chunk.toString().matchAll(/\*\d+\r\n((?:\$\d+\r\n[^\r]*\r\n)+)/g)) {
        this.#reply(
          socket,
          [...words.matchAll(/\$\d+\r\n([^\r]*)\r\n/g)].map(([, word = ""]) => word),
        );
      }
    });
  }

  #reply(socket: Socket, [name = "", ...words]: readonly string[]): void {
    switch (name.toLowerCase()) {
      case "sentinel":
        if (words[0] === "sentinels") socket.write("*0\r\n");
        else if (this.#isHolding) this.#waiting.add(socket);
        else this.#answer(socket);
        break;
      case "subscribe":
        this.#subscribers.add(socket);
        socket.write(">3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n");
        break;
      case "hello":
        socket.write("%1\r\n$5\r\nproto\r\n:3\r\n");
        break;
      default:
        socket.write("+OK\r\n");
    }
  }

  #answer(socket: Socket): void {
    const port = String(this.#masterPort);
    socket.write(`*2\r\n$9\r\n127.0.0.1\r\n$${port.length}\r\n${port}\r\n`);
  }
}
