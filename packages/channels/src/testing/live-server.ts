import { connect as connectTcp, type Socket } from "node:net";
import { type ClientOptions, WebSocket } from "ws";
import type { WebSocketApplication } from "../consumer/application.ts";
import { checkOptions } from "../options.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { type ChannelServer, createServer } from "../server/channel-server.ts";
import type { ServerOptions } from "../server/server-options.ts";
import { defaultTimeoutMs } from "./default-timeout.ts";
import { TestClient } from "./test-client.ts";

/** The options of a connection to a live server. */
export interface LiveRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly subprotocols?: readonly string[];
  /**
   * How long `receive` waits, in milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

/** The error of a connection whose handshake was refused. */
export class HandshakeRefused extends Error {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;

  constructor(status: number, body: string, headers: Readonly<Record<string, string | string[] | undefined>>) {
    super(`The handshake was refused with ${status}: ${body.trim()}`);
    this.name = "HandshakeRefused";
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** A WebSocket client with a real socket. */
export class LiveClient extends TestClient {
  /** The underlying `ws` client, for features without a method here: fragments, pings, pausing. */
  readonly socket: WebSocket;
  readonly #tcp: Socket;

  private constructor(socket: WebSocket, tcp: Socket, timeoutMs: number) {
    super(timeoutMs);
    this.socket = socket;
    this.#tcp = tcp;
    socket.on("message", (data: Buffer, binary: boolean) => {
      this.frames.push(binary ? new Uint8Array(data) : data.toString("utf8"));
    });
    socket.on("close", (code, reason) => this.notifyClosed({ code, reason: reason.toString("utf8") }));
    // "close" follows and is handled.
    socket.on("error", () => {});
  }

  /**
   * Connects to a server.
   * @throws HandshakeRefused with the status.
   */
  static connect(url: string, request: LiveRequest = {}): Promise<LiveClient> {
    checkOptions<LiveRequest>(request, { headers: true, subprotocols: true, timeoutMs: true });
    const { hostname, port } = new URL(url);
    const tcp = connectTcp(Number(port), hostname);
    const options: ClientOptions = {
      headers: { ...request.headers },
      perMessageDeflate: false,
      createConnection: () => tcp,
    };
    const socket = new WebSocket(url, [...(request.subprotocols ?? [])], options);
    const client = new LiveClient(socket, tcp, request.timeoutMs ?? defaultTimeoutMs(5_000));
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(client));
      socket.once("error", reject);
      socket.once("unexpected-response", (sent, response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("close", () => {
          sent.destroy();
          reject(
            new HandshakeRefused(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"), response.headers),
          );
        });
      });
    });
  }

  get subprotocol(): string {
    return this.socket.protocol;
  }

  override send(content: string | Uint8Array): void {
    this.socket.send(content);
  }

  /** Sends frames in a single write, so that they arrive together. */
  sendTogether(contents: readonly (string | Uint8Array)[]): void {
    this.#tcp.cork();
    for (const content of contents) this.socket.send(content);
    this.#tcp.uncork();
  }

  /** Closes the connection with a close frame; resolves when it is closed. */
  async close(code = 1000, reason = ""): Promise<void> {
    this.socket.close(code, reason);
    await this.closed;
  }

  /** Ends the connection without a close frame. */
  terminate(): void {
    this.socket.terminate();
  }
}

/** A server for tests, on a free port. */
export interface LiveServer extends AsyncDisposable {
  readonly server: ChannelServer;
  readonly port: number;
  url(path: string): string;
  /**
   * Connects a client to a path.
   * @throws HandshakeRefused with the status.
   */
  connect(path: string, request?: LiveRequest): Promise<LiveClient>;
  close(): Promise<void>;
}

/** Serves an application on the loopback interface, for tests with real sockets. */
export async function liveServer(
  application: WebSocketApplication | Application,
  options?: ServerOptions,
): Promise<LiveServer> {
  const server = createServer(application, options);
  const { port } = await server.listen({ port: 0 });
  const url = (path: string): string => `ws://127.0.0.1:${port}${path}`;
  return {
    server,
    port,
    url,
    connect: (path, request) => LiveClient.connect(url(path), request),
    close: () => server.close(),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
