import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { MatchedConsumer, Resolution, WebSocketApplication } from "../consumer/application.ts";
import { parseCookies } from "../consumer/cookies.ts";
import { toFrame } from "../consumer/frame.ts";
import { describeScope, type WebSocketScope } from "../consumer/scope.ts";
import type { Refusal } from "../consumer/session/transport.ts";
import { WebSocketSession } from "../consumer/session/websocket-session.ts";
import { systemClock } from "../layer/clock.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { type DrainOptions, resolveDrainOptions } from "./drain.ts";
import { Flusher } from "./flusher.ts";
import { readHandshake } from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import { KeyedLimit } from "./keyed-limit.ts";
import { createServerMetrics, type ServerMetrics } from "./server-metrics.ts";
import { type ResolvedServerOptions, resolveServerOptions, type ServerOptions } from "./server-options.ts";
import { type ConnectionContext, SocketConnection } from "./socket-connection.ts";

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

interface ActiveConnection {
  readonly connection: SocketConnection;
  readonly session: WebSocketSession;
}

/**
 * Connections that may wait to be taken, as far as the system allows as many. Node's own 511 are fewer than come back at
 * once after a restart, and whoever finds no room tries again after a second, then two, then four.
 */
const LISTEN_BACKLOG = 4_096;

type Phase = "serving" | "draining" | "closed";

const DRAIN_STEP_MS = 25;
const SHUTTING_DOWN: Refusal = Object.freeze({
  status: 503,
  reason: "the server is about to stop",
  headers: Object.freeze({ "retry-after": "1" }),
});
const NO_PARAMS = Object.freeze({});
const NO_STATE = Object.freeze({});

/** Serves an application's WebSockets on HTTP servers. */
export class ChannelServer {
  /** Live numbers: read them whenever they are asked for. */
  readonly metrics: Readonly<ServerMetrics>;
  readonly options: ResolvedServerOptions;
  readonly #application: WebSocketApplication;
  readonly #context: ConnectionContext;
  readonly #addressLimit: KeyedLimit;
  readonly #userLimit: KeyedLimit;
  readonly #pendingHandshakes = new Set<SocketConnection>();
  readonly #activeConnections = new Set<ActiveConnection>();
  readonly #detachListeners: (() => void)[] = [];
  readonly #ownServers: HttpServer[] = [];
  #phase: Phase = "serving";

  /** @throws InvalidOption naming the option that is unknown or out of bounds. */
  constructor(application: WebSocketApplication | Application, options: ServerOptions = {}) {
    this.#application = typeof application === "function" ? application : application.websocket;
    this.options = resolveServerOptions(options);
    const metrics = createServerMetrics();
    this.metrics = metrics;
    const subprotocols = new WeakMap<IncomingMessage, string>();
    this.#addressLimit = new KeyedLimit(this.options.maxConnectionsPerAddress);
    this.#userLimit = new KeyedLimit(this.options.maxConnectionsPerUser);
    // The types of `ws` lag behind it: it has known `closeTimeout` for some time.
    const webSocketOptions = { closeTimeout: this.options.closeTimeoutMs };
    this.#context = {
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
      this.#handleUpgrade(request, socket, head);
    httpServer.on("upgrade", upgrade);
    this.#detachListeners.push(() => httpServer.off("upgrade", upgrade));
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
    this.#ownServers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const { port = 8000, host = "127.0.0.1" } = options;
      server.listen({ port, host, backlog: LISTEN_BACKLOG }, resolve);
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
    for (const connection of this.#pendingHandshakes) connection.refuse(SHUTTING_DOWN);
    const members = [...this.#activeConnections];
    for (const [index, { session }] of members.entries()) {
      // Evenly over the spread, with some chance so that a second server that drains does not send the same times.
      const reconnectAfterMs = Math.round(((index + Math.random()) / members.length) * reconnectSpreadMs);
      if (message !== undefined && session.state.phase === "open") session.send(toFrame(message(reconnectAfterMs)));
      session.notifyDrain(reconnectAfterMs);
    }
    const start = performance.now();
    // The last ones need time to answer the close frame.
    const closingMs = withinMs * 0.7;
    let closed = 0;
    while (closed < members.length) {
      await sleep(Math.min(DRAIN_STEP_MS, closingMs / 4));
      const due = Math.ceil(members.length * Math.min(1, (performance.now() - start) / closingMs));
      for (const { session } of members.slice(closed, due)) session.close(this.options.drainCloseCode, "draining");
      closed = due;
    }
    await this.#closeWithin(withinMs - (performance.now() - start));
  }

  /** Closes every connection with 1001, sees their consumers through, and stops. Twice is once. */
  async close(): Promise<void> {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    for (const detach of this.#detachListeners) detach();
    for (const connection of this.#pendingHandshakes) connection.refuse(SHUTTING_DOWN);
    for (const { session } of this.#activeConnections) session.close(1001, "the server stops");
    const closed = this.#ownServers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    await this.#closeWithin(this.options.closeTimeoutMs);
    for (const server of this.#ownServers) server.closeAllConnections();
    await Promise.all(closed);
    this.#context.heartbeat.stop();
    this.#context.flusher.stop();
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const connection = new SocketConnection(this.#context, request, socket, head);
    if (this.#phase !== "serving") {
      connection.refuse(SHUTTING_DOWN);
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
    const address = this.#resolveAddress(request);
    if (address === undefined) {
      connection.refuse({ status: 500, reason: "internal error" });
      return;
    }
    if (!this.#addressLimit.acquire(address)) {
      connection.refuse({
        status: 429,
        reason: "too many connections from this address",
        headers: { "retry-after": "5" },
      });
      return;
    }
    const abort = new AbortController();
    void connection.closed.then(() => {
      this.#addressLimit.release(address);
      abort.abort();
    });
    void this.#handleHandshake(connection, createScope(request, address, handshake.subprotocols, abort.signal), abort);
  }

  /** By the option, which is somebody's code: what it throws must not end the process, as it would in a listener. */
  #resolveAddress(request: IncomingMessage): string | undefined {
    try {
      return this.options.clientAddress(request);
    } catch (error) {
      this.options.logger.error({ err: error, option: "clientAddress" }, "a client's address could not be told");
      return undefined;
    }
  }

  /** Never rejects. */
  async #handleHandshake(connection: SocketConnection, scope: WebSocketScope, abort: AbortController): Promise<void> {
    this.#pendingHandshakes.add(connection);
    const timeout = setTimeout(() => {
      if (!connection.isInHandshake) return;
      connection.refuse({ status: 503, reason: "the handshake took too long" });
      abort.abort();
    }, this.options.handshakeTimeoutMs).unref();
    try {
      const resolution = await this.#resolve(scope);
      if (resolution.kind === "refused") connection.refuse(resolution);
      else if (connection.isInHandshake) await this.#runSession(connection, resolution, abort);
    } catch (error) {
      this.options.logger.error({ err: error, scope: describeScope(scope) }, "a connection could not be served");
      connection.refuse({ status: 500, reason: "internal error" });
    } finally {
      clearTimeout(timeout);
      this.#pendingHandshakes.delete(connection);
    }
  }

  async #resolve(scope: WebSocketScope): Promise<Resolution> {
    return this.#application(scope);
  }

  async #runSession(connection: SocketConnection, matched: MatchedConsumer, abort: AbortController): Promise<void> {
    const { options } = this;
    const user = options.userKey(matched.scope);
    if (user !== undefined) {
      if (!this.#userLimit.acquire(user)) {
        connection.refuse({
          status: 429,
          reason: "too many connections of this user",
          headers: { "retry-after": "5" },
        });
        return;
      }
      void connection.closed.then(() => this.#userLimit.release(user));
    }
    const session = new WebSocketSession(matched.consumer, matched.scope, connection, abort, {
      layers: options.layers,
      logger: options.logger,
      counters: this.#context.metrics,
      clock: systemClock,
      guards: matched.guards,
      maxQueuedFrames: options.maxQueuedFrames,
      maxQueuedEvents: options.maxQueuedEvents,
      handlerGraceMs: options.handlerGraceMs,
    });
    const member: ActiveConnection = { connection, session };
    this.#activeConnections.add(member);
    void Promise.all([connection.closed, session.done]).then(() => this.#activeConnections.delete(member));
    connection.setListener(session);
    await session.start();
  }

  /** Waits until nobody is left; cuts off who is left after that time. */
  async #closeWithin(ms: number): Promise<void> {
    const gone = Promise.all(
      [...this.#activeConnections].flatMap(({ connection, session }) => [connection.closed, session.done]),
    );
    const timer = setTimeout(
      () => {
        for (const { connection } of this.#activeConnections) connection.terminate();
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

function createScope(
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
    params: NO_PARAMS,
    query: new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1)),
    headers: request.headers,
    cookies: parseCookies(request.headers.cookie),
    subprotocols,
    client: Object.freeze({ address }),
    user: undefined,
    state: NO_STATE,
    signal,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
