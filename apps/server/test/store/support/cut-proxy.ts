import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A proxy in front of a server, whose connections can be cut, and which can be unavailable or silent. */
export class CutProxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isAway = false;
  #isSilent = false;
  #delayMs = 0;
  /** What the clients have sent, by Latin-1 characters. */
  #sent = "";
  /** Times that a client has sent something after an answer of the server. */
  turns = 0;
  /** Goes silent in place of passing an answer on that holds this text. */
  silentBeforeAnswer: string | undefined;
  /** Cuts a connection in place of passing an answer on that holds this text. */
  cutBeforeAnswer: string | undefined;
  /** How many connections were cut so. */
  cuts = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(target: URL): Promise<CutProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new CutProxy(server);
    server.on("connection", (client) => proxy.#connect(client, target));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  /** Returns a URL that leads through the proxy. */
  through(url: string): string {
    const located = new URL(url);
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("expected the proxy to listen");
    located.hostname = "127.0.0.1";
    located.port = String(address.port);
    return located.href;
  }

  cutAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Cuts every connection and refuses new ones, until `comeBack`. */
  goAway(): void {
    this.#isAway = true;
    this.cutAll();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  /** Passes nothing on from now on, and ends no connection, like a machine that lost its power. */
  goSilent(): void {
    this.#isSilent = true;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Passes everything on later, each way, so that what a process sends without waiting arrives together. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Returns how often the clients have sent this text. */
  countSent(text: string): number {
    return this.#sent.split(text).length - 1;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cutAll();
    await once(this.#server, "close");
  }

  #connect(client: Socket, target: URL): void {
    if (this.#isAway) {
      client.destroy();
      return;
    }
    const server = connect({ port: Number(target.port), host: target.hostname, allowHalfOpen: true });
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on("error", () => {});
      socket.on("close", () => {
        for (const other of pair) other.destroy();
        this.#pairs.delete(pair);
      });
    }
    const later = (pass: () => void): void => {
      if (this.#isSilent) return;
      if (this.#delayMs === 0) pass();
      else setTimeout(pass, this.#delayMs);
    };
    client.on("end", () => later(() => server.end()));
    server.on("end", () => later(() => client.end()));
    let wasAnswered = false;
    client.on("data", (data) => {
      this.#sent += data.toString("latin1");
      if (wasAnswered) this.turns += 1;
      wasAnswered = false;
      later(() => server.write(data));
    });
    server.on("data", (data) => {
      if (this.cutBeforeAnswer !== undefined && data.includes(this.cutBeforeAnswer)) {
        this.cuts += 1;
        this.cutBeforeAnswer = undefined;
        client.destroy();
      } else {
        if (this.silentBeforeAnswer !== undefined && data.includes(this.silentBeforeAnswer)) this.goSilent();
        later(() => {
          wasAnswered = true;
          client.write(data);
        });
      }
    });
  }
}
