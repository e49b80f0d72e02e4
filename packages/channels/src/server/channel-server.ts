import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { MatchedConsumer, Resolution, WebSocketApplication } from "../consumer/application.ts";
import { parseCookies } from "../consumer/cookies.ts";
import { toFrame } from "../consumer/frame.ts";
import type { RunnerOptions } from "../consumer/runner/runner-options.ts";
import type { Refusal } from "../consumer/runner/transport.ts";
import { WebSocketRunner } from "../consumer/runner/websocket-runner.ts";
import { describeScope, type WebSocketScope } from "../consumer/scope.ts";
import { systemClock } from "../layer/clock.ts";
import { checkOptions } from "../options.ts";
import type { Application } from "../routing/protocol-type-router.ts";
import { type DrainOptions, type ResolvedDrainOptions, resolveDrainOptions } from "./drain.ts";
import { Flusher } from "./flusher.ts";
import { readHandshake } from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import { KeyedLimit } from "./keyed-limit.ts";
import { readTarget } from "./request-target.ts";
import { createServerMetrics, type ServerMetrics } from "./server-metrics.ts";
import { type ResolvedServerOptions, resolveServerOptions, type ServerOptions } from "./server-options.ts";
import { ServerWebSocket } from "./server-web-socket.ts";
import { type ConnectionContext, SocketConnection } from "./socket-connection.ts";

/** The address at which a server listens. */
export interface ListenOptions {
  /**
   * The port; 0 lets the system choose one.
   * @default 8000
   */
  readonly port?: number;
  /**
   * The host name or IP address.
   * @default "127.0.0.1"
   */
  readonly host?: string;
}

/**
 * The length of the listen queue, as far as the system allows it. Node's default of 511 is too short for the clients
 * that reconnect at once after a restart, and a dropped connection attempt is repeated only after 1, 2, then 4 seconds.
 */
const LISTEN_BACKLOG = 4_096;

type Phase = "serving" | "draining" | "closed";

const DRAIN_STEP_MS = 25;
const SHUTTING_DOWN: Refusal = Object.freeze({
  status: 503,
  reason: "the server is shutting down",
  headers: Object.freeze({ "retry-after": "1" }),
});
const NO_PARAMS = Object.freeze({});
const NO_STATE = Object.freeze({});

/** Serves the WebSockets of an application on one or more HTTP servers. */
export class ChannelServer {
  /** Counters and gauges, updated in place. */
  readonly metrics: Readonly<ServerMetrics>;
  readonly options: ResolvedServerOptions;
  readonly #application: WebSocketApplication;
  readonly #context: ConnectionContext;
  readonly #addressLimit: KeyedLimit;
  readonly #userLimit: KeyedLimit;
  readonly #pendingHandshakes = new Set<SocketConnection>();
  /** Connections with a consumer, until the socket is closed and the consumer has ended. */
  readonly #activeConnections = new Set<SocketConnection>();
  readonly #runnerOptions: RunnerOptions;
  /** Resolves when no connection is active. Set while something waits for it. */
  #inactive: PromiseWithResolvers<void> | undefined;
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
    // The type declarations of `ws` lack its option `closeTimeout`.
    const webSocketOptions = { closeTimeout: this.options.closeTimeoutMs };
    this.#context = {
      options: this.options,
      metrics,
      flusher: new Flusher(this.options.flushWindowMs, metrics),
      heartbeat: new Heartbeat(this.options.heartbeatMs),
      subprotocols,
      webSockets: new WebSocketServer({
        ...webSocketOptions,
        WebSocket: ServerWebSocket,
        noServer: true,
        clientTracking: false,
        // Without context takeover, compressed frames can be shared and a connection needs no compressor of its own.
        perMessageDeflate: this.options.perMessageDeflate && {
          serverNoContextTakeover: true,
          clientNoContextTakeover: true,
        },
        maxPayload: this.options.maxFrameBytes,
        handleProtocols: (_offered, request) => subprotocols.get(request) ?? false,
      }),
      onClosed: ({ address, user, abort }) => {
        if (address !== undefined) this.#addressLimit.release(address);
        if (user !== undefined) this.#userLimit.release(user);
        abort?.abort();
      },
      onEnded: (connection) => {
        this.#activeConnections.delete(connection);
        if (this.#activeConnections.size > 0) return;
        this.#inactive?.resolve();
        this.#inactive = undefined;
      },
    };
    const { layers, logger, maxQueuedFrames, maxQueuedEvents, handlerGraceMs, onError } = this.options;
    this.#runnerOptions = {
      layers,
      logger,
      counters: metrics,
      onError,
      clock: systemClock,
      maxQueuedFrames,
      maxQueuedEvents,
      handlerGraceMs,
    };
  }

  /** Handles the upgrade requests of an HTTP server; see the option `unknownPaths` for those without a route. */
  attach(httpServer: HttpServer): void {
    const leavesUnknown = this.options.unknownPaths === "leave";
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (leavesUnknown && httpServer.listenerCount("upgrade") > 1 && !this.#servesPathOf(request)) {
        this.#leaveToOthers(request, socket, head);
      } else {
        this.#handleUpgrade(request, socket, head);
      }
    };
    httpServer.on("upgrade", onUpgrade);
    this.#detachListeners.push(() => httpServer.off("upgrade", onUpgrade));
  }

  /** Listens on a new HTTP server, which responds to all other requests with 426. Returns its address. */
  async listen(options: ListenOptions = {}): Promise<AddressInfo> {
    checkOptions<ListenOptions>(options, { port: true, host: true });
    const server = createHttpServer((_request, response) => {
      response.writeHead(426, {
        connection: "close",
        upgrade: "websocket",
        "content-type": "text/plain; charset=utf-8",
      });
      response.end("this server accepts only WebSockets\n");
    });
    this.attach(server);
    this.#ownServers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const { port = 8000, host = "127.0.0.1" } = options;
      server.listen({ port, host, backlog: LISTEN_BACKLOG }, resolve);
    });
    // The address of a listening TCP server is never a string or null.
    return server.address() as AddressInfo;
  }

  /**
   * Drains the connections before a restart. Refuses new ones with 503, announces to every client when to reconnect,
   * and closes the connections with `drainCloseCode`, spread over the time limit after `closeAfterMs`. Resolves when all
   * are closed; call `close` afterwards.
   * @throws InvalidOption naming the option that is out of bounds.
   */
  async drain(options: DrainOptions = {}): Promise<void> {
    const { withinMs, closeAfterMs, nextBatch, ...announcement } = resolveDrainOptions(options);
    if (this.#phase !== "serving") return;
    this.#phase = "draining";
    for (const connection of this.#pendingHandshakes) connection.refuse(SHUTTING_DOWN);
    const connections = [...this.#activeConnections];
    let asked = 0;
    while (asked < connections.length && this.#activeConnections.size > 0) {
      const remaining = connections.length - asked;
      const count = Math.max(0, Math.floor((await nextBatch?.(remaining)) ?? remaining));
      announceDrain(connections.slice(asked, asked + count), announcement);
      asked += count;
    }
    await this.#waitUntilInactive(closeAfterMs);
    const startMs = performance.now();
    const remainingMs = withinMs - closeAfterMs;
    // The rest of the time is for the last clients to answer the close frame.
    const closingMs = Math.max(1, remainingMs * 0.7);
    let closed = 0;
    while (closed < connections.length && this.#activeConnections.size > 0) {
      await sleep(Math.min(DRAIN_STEP_MS, closingMs / 4));
      const elapsedMs = performance.now() - startMs;
      const target = Math.ceil(connections.length * Math.min(1, elapsedMs / closingMs));
      for (const { listener } of connections.slice(closed, target)) {
        listener?.close(this.options.drainCloseCode, "draining");
      }
      closed = target;
    }
    await this.#waitUntilClosed(remainingMs - (performance.now() - startMs));
  }

  /** Closes all connections with 1001, waits for their consumers to end, and stops the server. Idempotent. */
  async close(): Promise<void> {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    for (const detach of this.#detachListeners) detach();
    for (const connection of this.#pendingHandshakes) connection.refuse(SHUTTING_DOWN);
    for (const { listener } of this.#activeConnections) listener?.close(1001, "server shutting down");
    const closed = this.#ownServers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    await this.#waitUntilClosed(this.options.closeTimeoutMs);
    for (const server of this.#ownServers) server.closeAllConnections();
    await Promise.all(closed);
    this.#context.heartbeat.stop();
    this.#context.flusher.stop();
  }

  #servesPathOf({ url = "/" }: IncomingMessage): boolean {
    const { servesPath } = this.#application;
    const [path = ""] = readTarget(url).rest.split("?", 1);
    return servesPath === undefined || servesPath(path);
  }

  /** Refuses the request where no other listener answers it, so that its socket does not stay open for ever. */
  #leaveToOthers(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const timer = setTimeout(() => {
      const { bytesWritten } = socket as Partial<Socket>;
      if (bytesWritten === 0 && socket.writable) this.#handleUpgrade(request, socket, head);
    }, this.options.handshakeTimeoutMs);
    timer.unref();
    socket.once("close", () => clearTimeout(timer));
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
      connection.refuse({
        status: 503,
        reason: "the server has reached its connection limit",
        headers: { "retry-after": "5" },
      });
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
    connection.address = address;
    connection.abort = abort;
    void this.#handleHandshake(connection, createScope(request, address, handshake.subprotocols, abort.signal), abort);
  }

  /**
   * Calls the option `clientAddress`. An error that it throws would end the process, because this runs in an event
   * listener.
   */
  #resolveAddress(request: IncomingMessage): string | undefined {
    try {
      return this.options.clientAddress(request);
    } catch (error) {
      this.options.logger.error({ err: error, option: "clientAddress" }, "failed to determine a client's address");
      return undefined;
    }
  }

  /** Never rejects. */
  async #handleHandshake(connection: SocketConnection, scope: WebSocketScope, abort: AbortController): Promise<void> {
    this.#pendingHandshakes.add(connection);
    const timeout = setTimeout(() => {
      if (!connection.isInHandshake) return;
      connection.refuse({ status: 503, reason: "the handshake timed out" });
      abort.abort();
    }, this.options.handshakeTimeoutMs).unref();
    try {
      const resolution = await this.#resolve(scope);
      if (resolution.kind === "refused") connection.refuse(resolution);
      else if (connection.isInHandshake) await this.#runConsumer(connection, resolution, abort);
    } catch (error) {
      this.options.logger.error({ err: error, scope: describeScope(scope) }, "failed to serve a connection");
      connection.refuse({ status: 500, reason: "internal error" });
    } finally {
      clearTimeout(timeout);
      this.#pendingHandshakes.delete(connection);
    }
  }

  async #resolve(scope: WebSocketScope): Promise<Resolution> {
    return this.#application(scope);
  }

  async #runConsumer(connection: SocketConnection, matched: MatchedConsumer, abort: AbortController): Promise<void> {
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
      connection.user = user;
    }
    const runner = new WebSocketRunner(matched, connection, abort, this.#runnerOptions);
    this.#activeConnections.add(connection);
    connection.setListener(runner);
    await runner.start();
  }

  /** Waits until all connections are closed. Terminates those that are still open after the timeout. */
  async #waitUntilClosed(timeoutMs: number): Promise<void> {
    if (this.#activeConnections.size === 0) return;
    const timer = setTimeout(
      () => {
        for (const connection of this.#activeConnections) connection.terminate();
      },
      Math.max(0, timeoutMs),
    );
    this.#inactive ??= Promise.withResolvers();
    await this.#inactive.promise;
    clearTimeout(timer);
  }

  /** Waits until all connections are closed, at most until the timeout. */
  async #waitUntilInactive(timeoutMs: number): Promise<void> {
    if (timeoutMs === 0 || this.#activeConnections.size === 0) return;
    this.#inactive ??= Promise.withResolvers();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([this.#inactive.promise, promise]);
    clearTimeout(timer);
  }
}

/** Creates a server that does not listen yet: call `listen`, or `attach` it to an HTTP server. */
export function createServer(application: WebSocketApplication | Application, options?: ServerOptions): ChannelServer {
  return new ChannelServer(application, options);
}

/** Serves the application's WebSockets on an existing HTTP or HTTPS server. */
export function attach(
  httpServer: HttpServer,
  application: WebSocketApplication | Application,
  options?: ServerOptions,
): ChannelServer {
  const server = new ChannelServer(application, options);
  server.attach(httpServer);
  return server;
}

/** Spreads the times evenly, with some randomness so that servers that drain at the same time do not send the same times. */
function announceDrain(
  connections: readonly SocketConnection[],
  { reconnectSpreadMs, message }: Pick<ResolvedDrainOptions, "reconnectSpreadMs" | "message">,
): void {
  for (const [index, { listener }] of connections.entries()) {
    const reconnectAfterMs = Math.round(((index + Math.random()) / connections.length) * reconnectSpreadMs);
    if (message !== undefined && listener?.state.phase === "open") listener.send(toFrame(message(reconnectAfterMs)));
    listener?.notifyDrain(reconnectAfterMs);
  }
}

function createScope(
  request: IncomingMessage,
  address: string,
  subprotocols: readonly string[],
  signal: AbortSignal,
): WebSocketScope {
  const { host, rest: url } = readTarget(request.url ?? "/");
  const queryStart = url.indexOf("?");
  return {
    type: "websocket",
    path: queryStart === -1 ? url : url.slice(0, queryStart),
    params: NO_PARAMS,
    query: new URLSearchParams(queryStart === -1 ? "" : url.slice(queryStart + 1)),
    // RFC 9112, section 3.2.2: the host of an absolute target replaces the header.
    headers: host === undefined ? request.headers : { ...request.headers, host },
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
