import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The network between clients and a server: forwards TCP connections until a test cuts, stops or moves them. */
export class Network implements AsyncDisposable {
  /** The port of the server. New connections go there. */
  target: number;
  /** Called with each connection; returns after how many bytes, of both directions, it is cut. */
  cutAfterBytes: () => number = () => Number.POSITIVE_INFINITY;
  /** Cuts the connection over which the server sends next, in place of forwarding it. */
  losesNextReply = false;
  cuts = 0;
  /** Bytes that clients have sent. */
  sentBytes = 0;
  #isFrozen = false;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((client) => this.#forward(client));
  }

  static async open(target: number): Promise<Network> {
    const network = new Network(target);
    await new Promise<void>((resolve) => network.#server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  get url(): string {
    // A listening TCP server has a port.
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ws`;
  }

  /** Ends all connections without a close frame. */
  cut(): void {
    for (const pair of [...this.#pairs]) this.#cut(pair);
  }

  /** Forwards nothing more, and leaves the connections open: what a dead network looks like. */
  freeze(isFrozen = true): void {
    this.#isFrozen = isFrozen;
    for (const [client, server] of this.#pairs) {
      for (const socket of [client, server]) {
        if (isFrozen) socket.pause();
        else socket.resume();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #forward(client: Socket): void {
    const server = connect(this.target, "127.0.0.1");
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    let remaining = this.cutAfterBytes();
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      from.on("data", (bytes: Buffer) => {
        if (from === client) this.sentBytes += bytes.length;
        else if (this.losesNextReply) {
          this.losesNextReply = false;
          remaining = 0;
        }
        to.write(bytes.subarray(0, remaining));
        remaining -= bytes.length;
        if (remaining <= 0) this.#cut(pair);
      });
      from.on("error", () => {});
      from.on("close", () => {
        this.#pairs.delete(pair);
        to.end();
      });
    }
    if (this.#isFrozen) this.freeze();
  }

  #cut(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return;
    this.cuts += 1;
    // What was forwarded before still arrives.
    for (const socket of pair) socket.destroySoon();
  }
}
