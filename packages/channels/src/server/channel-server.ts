import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Matched, Resolution, WebSocketApplication } from "../consumer/application.ts";
import { parseCookies } from "../consumer/cookies.ts";
import { toFrame } from "../consumer/frame.ts";
import { describeScope, type WebSocketScope } from "../consumer/scope.ts";
import type { Refused } from "../consumer/transport.ts";
import { WebSocketSession } from "../consumer/websocket-session.ts";
import { systemClock } from "../layer/clock.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { type DrainOptions, resolveDrainOptions } from "./drain.ts";
import { Flusher } from "./flusher.ts";
import { readHandshake } from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import { KeyedLimit } from "./keyed-limit.ts";
import { newServerMetrics, type ServerMetrics } from "./server-metrics.ts";
import { type ResolvedServerOptions, resolveServerOptions, type ServerOptions } from "./server-options.ts";
import { type ConnectionHouse, SocketConnection } from "./socket-connection.ts";

/** Where a server listens. */
export interface ListenOptions {
  /**
   * 0 lets the system choose.
   * @default 8000
   */
  readonly port?: number;
  /**
   * @default "127.0.0.1"
   */
  readonly host?: string;
}

interface Member {
  readonly connection: SocketConnection;
  readonly session: WebSocketSession;
}

/**
 * Connections that may wait to be taken, as far as the system allows as many. Node's own 511 are fewer than come back at
 * once after a restart, and whoever finds no room tries again after a second, then two, then four.
 */
const CROWD = 4_096;

type Phase = "serving" | "draining" | "closed";

const drainStepMs = 25;
const stopping: Refused = Object.freeze({
  status: 503,
  reason: "the server is about to stop",
  headers: Object.freeze({ "retry-after": "1" }),
});
const noParams = Object.freeze({});
const noState = Object.freeze({});

/** Serves an application's WebSockets on HTTP servers. */
export class ChannelServer {
  /** Live numbers: read them whenever they are asked for. */
  readonly metrics: Readonly<ServerMetrics>;
  readonly options: ResolvedServerOptions;
  readonly #application: WebSocketApplication;
  readonly #house: ConnectionHouse;
  readonly #addresses: KeyedLimit;
  readonly #users: KeyedLimit;
  readonly #pending = new Set<SocketConnection>();
  readonly #members = new Set<Member>();
  readonly #detach: (() => void)[] = [];
  readonly #own: HttpServer[] = [];
  #phase: Phase = "serving";

  /** @throws InvalidOption naming the option that is unknown or out of bounds. */
  constructor(application: WebSocketApplication | Application, options: ServerOptions = {}) {
    this.#application = typeof application === "function" ? application : application.websocket;
    this.options = resolveServerOptions(options);
    const metrics = newServerMetrics();
    this.metrics = metrics;
    const subprotocols = new WeakMap<IncomingMessage, string>();
    this.#addresses = new KeyedLimit(this.options.maxConnectionsPerAddress);
    this.#users = new KeyedLimit(this.options.maxConnectionsPerUser);
    // The types of `ws` lag behind it: it has known `closeTimeout` for some time.
    const webSocketOptions = { closeTimeout: this.options.closeTimeoutMs };
    this.#house = {
      options: this.options,
      metrics,
      flusher: new Flusher(this.options.flushWindowMs, metrics),
      heartbeat: new Heartbeat(this.options.heartbeatMs),
      subprotocols,
      webSockets: new WebSocketServer({
        ...webSocketOptions,
        noServer: true,
        clientTracking: false,
        // With no context kept a compressed frame can be shared, and a connection has no compressor of its own.
        perMessageDeflate: this.options.perMessageDeflate && {
          serverNoContextTakeover: true,
          clientNoContextTakeover: true,
        },
        maxPayload: this.options.maxFrameBytes,
        handleProtocols: (_offered, request) => subprotocols.get(request) ?? false,
      }),
    };
  }

  /** Takes over the upgrades of an HTTP server, all of them: a path that is not routed is refused with 404. */
  attach(httpServer: HttpServer): void {
    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
      this.#upgrade(request, socket, head);
    httpServer.on("upgrade", upgrade);
    this.#detach.push(() => httpServer.off("upgrade", upgrade));
  }

  /** Listens on an HTTP server of its own, which answers everything that is no WebSocket with 426. */
  async listen(options: ListenOptions = {}): Promise<AddressInfo> {
    const server = createHttpServer((_request, response) => {
      response.writeHead(426, {
        connection: "close",
        upgrade: "websocket",
        "content-type": "text/plain; charset=utf-8",
      });
      response.end("WebSockets only\n");
    });
    this.attach(server);
    this.#own.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const { port = 8000, host = "127.0.0.1" } = options;
      server.listen({ port, host, backlog: CROWD }, resolve);
    });
    // An address of a listening TCP server is never a string or null.
    return server.address() as AddressInfo;
  }

  /**
   * Lets everybody go in stages: no new connections (503); every client is told when to come back; then, spread over the
   * time, each is closed with `drainCloseCode`. Resolves when all are gone. Afterwards only `close` makes sense.
   * @throws InvalidOption naming the option that is out of bounds.
   */
  async drain(options: DrainOptions = {}): Promise<void> {
    const { withinMs, reconnectSpreadMs, message } = resolveDrainOptions(options);
    if (this.#phase !== "serving") return;
    this.#phase = "draining";
    for (const connection of this.#pending) connection.refuse(stopping);
    const members = [...this.#members];
    for (const [index, { session }] of members.entries()) {
      // Evenly over the spread, with some chance so that a second server that drains does not send the same times.
      const reconnectAfterMs = Math.round(((index + Math.random()) / members.length) * reconnectSpreadMs);
      if (message !== undefined && session.life.phase === "open") session.send(toFrame(message(reconnectAfterMs)));
      session.draining(reconnectAfterMs);
    }
    const start = performance.now();
    // The last ones need time to answer the close frame.
    const closingMs = withinMs * 0.7;
    let closed = 0;
    while (closed < members.length) {
      await turn(Math.min(drainStepMs, closingMs / 4));
      const due = Math.ceil(members.length * Math.min(1, (performance.now() - start) / closingMs));
      for (const { session } of members.slice(closed, due)) session.close(this.options.drainCloseCode, "draining");
      closed = due;
    }
    await this.#goneWithin(withinMs - (performance.now() - start));
  }

  /** Closes every connection with 1001, sees their consumers through, and stops. Twice is once. */
  async close(): Promise<void> {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    for (const detach of this.#detach) detach();
    for (const connection of this.#pending) connection.refuse(stopping);
    for (const { session } of this.#members) session.close(1001, "the server stops");
    const closed = this.#own.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    await this.#goneWithin(this.options.closeTimeoutMs);
    for (const server of this.#own) server.closeAllConnections();
    await Promise.all(closed);
    this.#house.heartbeat.stop();
    this.#house.flusher.stop();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const connection = new SocketConnection(this.#house, request, socket, head);
    if (this.#phase !== "serving") {
      connection.refuse(stopping);
      return;
    }
    const handshake = readHandshake(request);
    if (handshake.kind === "invalid") {
      connection.refuse(handshake.refused);
      return;
    }
    if (this.metrics.connections + this.metrics.handshakes > this.options.maxConnections) {
      connection.refuse({ status: 503, reason: "the server is full", headers: { "retry-after": "5" } });
      return;
    }
    const address = this.#addressOf(request);
    if (address === undefined) {
      connection.refuse({ status: 500, reason: "internal error" });
      return;
    }
    if (!this.#addresses.enter(address)) {
      connection.refuse({
        status: 429,
        reason: "too many connections from this address",
        headers: { "retry-after": "5" },
      });
      return;
    }
    const abort = new AbortController();
    void connection.gone.then(() => {
      this.#addresses.leave(address);
      abort.abort();
    });
    void this.#serve(connection, scopeOf(request, address, handshake.subprotocols, abort.signal), abort);
  }

  /** By the option, which is somebody's code: what it throws must not end the process, as it would in a listener. */
  #addressOf(request: IncomingMessage): string | undefined {
    try {
      return this.options.clientAddress(request);
    } catch (error) {
      this.options.logger.error({ err: error, option: "clientAddress" }, "a client's address could not be told");
      return undefined;
    }
  }

  /** Never rejects. */
  async #serve(connection: SocketConnection, scope: WebSocketScope, abort: AbortController): Promise<void> {
    this.#pending.add(connection);
    const timeout = setTimeout(() => {
      if (!connection.inHandshake) return;
      connection.refuse({ status: 503, reason: "the handshake took too long" });
      abort.abort();
    }, this.options.handshakeTimeoutMs).unref();
    try {
      const resolution = await this.#resolve(scope);
      if (resolution.kind === "refused") connection.refuse(resolution);
      else if (connection.inHandshake) await this.#run(connection, resolution, abort);
    } catch (error) {
      this.options.logger.error({ err: error, scope: describeScope(scope) }, "a connection could not be served");
      connection.refuse({ status: 500, reason: "internal error" });
    } finally {
      clearTimeout(timeout);
      this.#pending.delete(connection);
    }
  }

  async #resolve(scope: WebSocketScope): Promise<Resolution> {
    return this.#application(scope);
  }

  async #run(connection: SocketConnection, matched: Matched, abort: AbortController): Promise<void> {
    const { options } = this;
    const user = options.userKey(matched.scope);
    if (user !== undefined) {
      if (!this.#users.enter(user)) {
        connection.refuse({
          status: 429,
          reason: "too many connections of this user",
          headers: { "retry-after": "5" },
        });
        return;
      }
      void connection.gone.then(() => this.#users.leave(user));
    }
    const session = new WebSocketSession(matched.consumer, matched.scope, connection, abort, {
      layers: options.layers,
      logger: options.logger,
      counters: this.#house.metrics,
      clock: systemClock,
      guards: matched.guards,
      frameQueue: options.frameQueue,
      eventQueue: options.eventQueue,
      handlerGraceMs: options.handlerGraceMs,
    });
    const member: Member = { connection, session };
    this.#members.add(member);
    void Promise.all([connection.gone, session.done]).then(() => this.#members.delete(member));
    connection.listen(session);
    await session.start();
  }

  /** Waits until nobody is left; cuts off who is left after that time. */
  async #goneWithin(ms: number): Promise<void> {
    const gone = Promise.all([...this.#members].flatMap(({ connection, session }) => [connection.gone, session.done]));
    const timer = setTimeout(
      () => {
        for (const { connection } of this.#members) connection.terminate();
      },
      Math.max(0, ms),
    );
    await gone;
    clearTimeout(timer);
  }
}

/** A server for the application, not listening yet: call `listen`, or `attach` it to an HTTP server. */
export function createServer(application: WebSocketApplication | Application, options?: ServerOptions): ChannelServer {
  return new ChannelServer(application, options);
}

/** Serves the application's WebSockets on an HTTP or HTTPS server that is yours. */
export function attach(
  httpServer: HttpServer,
  application: WebSocketApplication | Application,
  options?: ServerOptions,
): ChannelServer {
  const server = new ChannelServer(application, options);
  server.attach(httpServer);
  return server;
}

function scopeOf(
  request: IncomingMessage,
  address: string,
  subprotocols: readonly string[],
  signal: AbortSignal,
): WebSocketScope {
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  return {
    type: "websocket",
    path: mark === -1 ? url : url.slice(0, mark),
    params: noParams,
    query: new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1)),
    headers: request.headers,
    cookies: parseCookies(request.headers.cookie),
    subprotocols,
    client: Object.freeze({ address }),
    user: undefined,
    state: noState,
    signal,
  };
}

function turn(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
