import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { addressKey } from "../../access/address-key.ts";
import type { Logger } from "../../observability/logging.ts";
import type { Metrics } from "../../observability/metrics.ts";
import type { ConnectionBudget } from "./connection-budget.ts";

/** Why a connection was closed, or not served from the reserve: a limit is reached, or the client sends nothing. */
type Reason = "http_connections" | "http_connections_per_address" | "first_byte" | "unanswered_requests";

interface Connection {
  readonly socket: Socket;
  /** The address that it counts for; undefined: it counts for none. */
  readonly address: string | undefined;
  isSignedIn: boolean;
  /** The limit that left it a place in the reserve alone; undefined: it has an ordinary place. */
  readonly beyond: Extract<Reason, `http_${string}`> | undefined;
  /** Whether the reserve is meant for its request, as far as is known. */
  isReserved: boolean;
  /** Requests whose response has not been sent. */
  requests: number;
  /** Those whose body has not arrived. */
  incomplete: number;
  /** When the server received the last request, or the connection. */
  changedAt: number;
}

interface ConnectionLimiterOptions {
  readonly budget: ConnectionBudget;
  readonly isTrustedProxy: (address: string, hop: number) => boolean;
  /** Whether the request is one of a signed-in user. Called for requests on connections in the reserve. */
  readonly isSignedIn: (request: IncomingMessage) => Promise<boolean>;
  readonly logger: Pick<Logger, "warn">;
  readonly metrics: Pick<Metrics, "counter" | "gauge">;
  /** @default 5_000 */
  readonly firstByteTimeoutMs?: number;
}

/** A client that connects sends its request immediately; one that does not is not worth a descriptor. */
const FIRST_BYTE_TIMEOUT_MS = 5_000;
const CHECK_INTERVAL_MS = 1_000;
const LOG_INTERVAL_MS = 10_000;
/**
 * Requests that a client may send before the response to the first. Node parses all that one read brings, some thousands of short
 * ones, in one turn of the event loop; browsers and proxies wait for each response.
 */
const MAX_UNANSWERED = 64;
/** A response takes longer only if the client does not read it. */
const RESPONSE_MS = 10_000;
/** What the reserve is for beside signed-in users: health checks, and signing in. */
const RESERVED_TARGETS = /^\/(?:healthz|readyz|api\/auth\/sign-in\/username)(?:$|\?)/;

/**
 * Bounds the TCP connections of an HTTP server, in all and for each address, before anyone signs in. At a limit, a new
 * connection takes the place of the one that has kept the server waiting longest: a refusal of new connections would lock
 * everybody out while one client holds all places. The connections of signed-in users are the last to be closed. While all
 * places are being answered, a new connection gets one of the reserve, for one request: of a health check, a sign-in or a
 * signed-in user. WebSockets do not count: the `ChannelServer` has its own limit.
 *
 * Node accepts one connection in a turn of the event loop and reads what has arrived in the next one. However many clients
 * connect at once, a request that its client has sent is read before the place of its connection is needed.
 */
export class ConnectionLimiter {
  readonly #options: ConnectionLimiterOptions;
  readonly #connections = new Map<Socket, Connection>();
  // Each in the order in which its connections began to wait.
  readonly #anonymousWaiting = new Set<Connection>();
  readonly #signedInWaiting = new Set<Connection>();
  readonly #working = new Set<Connection>();
  readonly #reserve = new Set<Connection>();
  readonly #byAddress = new Map<string, Set<Connection>>();
  readonly #closed: { add(labels: { reason: Reason }): void };
  readonly #unlogged = new Map<Reason, number>();
  readonly #loggedAt = new Map<Reason, number>();
  /** One listener for all sockets. */
  readonly #onClose: (this: Socket) => void;

  constructor(options: ConnectionLimiterOptions) {
    this.#options = options;
    const forget = (socket: Socket) => this.#forget(socket);
    this.#onClose = function onClose(this: Socket) {
      forget(this);
    };
    this.#closed = options.metrics.counter(
      "http_connections_closed",
      "HTTP connections that were closed at a limit, by the limit.",
      ["reason"],
    );
    options.metrics.gauge("http_connections", "Open HTTP connections that are no sockets.", () => this.size);
  }

  get size(): number {
    return this.#connections.size;
  }

  attach(server: HttpServer): void {
    server.on("connection", (socket: Socket) => this.#admit(socket));
    // In place of the listeners, not before them: what is refused must not be handled.
    const handlers = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (!this.#admitRequest(request, response)) return;
      for (const handle of handlers) handle.call(server, request, response);
    });
    server.prependListener("upgrade", ({ socket }: IncomingMessage) => {
      this.#forget(socket);
      socket.off("close", this.#onClose);
    });
    const timer = setInterval(() => this.#closeSilent(), CHECK_INTERVAL_MS).unref();
    server.once("close", () => clearInterval(timer));
  }

  /** Exempts a connection from the limits for anonymous ones, after a request of a signed-in user. */
  markSignedIn(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined || connection.isSignedIn) return;
    connection.isSignedIn = true;
    this.#leaveAddress(connection);
    this.#classify(connection);
  }

  #admit(socket: Socket): void {
    const { budget, isTrustedProxy } = this.#options;
    const remote = socket.remoteAddress ?? "";
    // Behind a proxy, one address stands for everybody.
    const address = isTrustedProxy(remote, 0) ? undefined : addressKey(remote);
    const ofAddress = address === undefined ? undefined : this.#byAddress.get(address);
    let beyond: Connection["beyond"];
    if (ofAddress !== undefined && ofAddress.size >= budget.anonymousPerAddress) {
      if (!this.#makePlace("http_connections_per_address", oldestWaiting(ofAddress)))
        beyond = "http_connections_per_address";
    } else if (this.#connections.size - this.#reserve.size >= budget.http) {
      if (!this.#makePlace("http_connections", this.#oldest())) beyond = "http_connections";
    }
    if (beyond !== undefined && this.#reserve.size >= budget.reserve) {
      // A session that is still being looked up may be forged.
      const victim = oldestWaiting(this.#reserve) ?? [...this.#reserve].find(({ isReserved }) => !isReserved);
      if (!this.#makePlace(beyond, victim)) {
        this.#close(beyond, socket);
        return;
      }
    }
    const connection: Connection = {
      socket,
      // In the reserve it counts for no address: that of the flood may be the proxy's or the health check's.
      address: beyond === undefined ? address : undefined,
      beyond,
      isSignedIn: false,
      isReserved: false,
      requests: 0,
      incomplete: 0,
      changedAt: performance.now(),
    };
    this.#connections.set(socket, connection);
    if (beyond !== undefined) this.#reserve.add(connection);
    else if (address !== undefined) {
      const connections = this.#byAddress.get(address) ?? new Set();
      this.#byAddress.set(address, connections.add(connection));
    }
    this.#classify(connection);
    socket.on("close", this.#onClose);
  }

  /** Closes a connection for a new one. Returns whether there is a place. */
  #makePlace(reason: Reason, victim: Connection | undefined): boolean {
    if (victim !== undefined) this.#close(reason, victim.socket);
    return victim !== undefined;
  }

  /** Returns the connection that costs the least to lose. */
  #oldest(): Connection | undefined {
    const [waiting] = this.#anonymousWaiting;
    const [signedIn] = this.#signedInWaiting;
    if (waiting !== undefined || signedIn !== undefined) return waiting ?? signedIn;
    const [working] = this.#working;
    return working !== undefined && performance.now() - working.changedAt > RESPONSE_MS ? working : undefined;
  }

  /** Returns whether the request may be handled: its connection is open. */
  #admitRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    // The parser goes on to the end of what it has read.
    if (socket.destroyed) return false;
    const connection = this.#connections.get(socket);
    if (connection === undefined) return true;
    if (connection.requests >= MAX_UNANSWERED) {
      this.#close("unanswered_requests", socket);
      return false;
    }
    if (connection.beyond !== undefined) {
      this.#serveFromReserve(connection, connection.beyond, request, response);
      if (socket.destroyed) return false;
    }
    connection.requests += 1;
    const { "content-length": length, "transfer-encoding": encoding } = request.headers;
    if (encoding !== undefined || (length !== undefined && Number(length) !== 0)) {
      connection.incomplete += 1;
      let isComplete = false;
      const complete = () => {
        if (isComplete) return;
        isComplete = true;
        connection.incomplete -= 1;
        this.#classify(connection);
      };
      request.once("end", complete);
      request.once("close", complete);
    }
    response.once("close", () => {
      connection.requests -= 1;
      this.#classify(connection);
    });
    this.#classify(connection);
    return true;
  }

  /** Closes the connection unless the reserve is meant for the request; otherwise after its response. */
  #serveFromReserve(connection: Connection, reason: Reason, request: IncomingMessage, response: ServerResponse): void {
    const { socket } = connection;
    response.shouldKeepAlive = false;
    connection.isReserved = RESERVED_TARGETS.test(request.url ?? "");
    if (connection.isReserved) return;
    const { cookie, authorization } = request.headers;
    if (cookie === undefined && authorization === undefined) {
      this.#close(reason, socket);
      return;
    }
    const close = () => {
      if (this.#connections.has(socket)) this.#close(reason, socket);
    };
    this.#options.isSignedIn(request).then((isSignedIn) => {
      connection.isReserved = isSignedIn;
      if (!isSignedIn) close();
    }, close);
  }

  /** Puts a connection behind the others of its kind. One whose request has not arrived completely is waiting. */
  #classify(connection: Connection): void {
    this.#anonymousWaiting.delete(connection);
    this.#signedInWaiting.delete(connection);
    this.#working.delete(connection);
    if (!this.#connections.has(connection.socket)) return;
    connection.changedAt = performance.now();
    // It takes none of the ordinary places.
    if (connection.beyond !== undefined) return;
    if (isWorking(connection)) this.#working.add(connection);
    else if (connection.isSignedIn) this.#signedInWaiting.add(connection);
    else this.#anonymousWaiting.add(connection);
  }

  #forget(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    this.#connections.delete(socket);
    this.#reserve.delete(connection);
    this.#leaveAddress(connection);
    this.#classify(connection);
  }

  #leaveAddress(connection: Connection): void {
    if (connection.address === undefined) return;
    const connections = this.#byAddress.get(connection.address);
    connections?.delete(connection);
    if (connections?.size === 0) this.#byAddress.delete(connection.address);
  }

  #closeSilent(): void {
    const before = performance.now() - (this.#options.firstByteTimeoutMs ?? FIRST_BYTE_TIMEOUT_MS);
    for (const { socket, changedAt } of this.#anonymousWaiting) {
      if (changedAt > before) break;
      if (socket.bytesRead === 0) this.#close("first_byte", socket);
    }
    for (const { socket, changedAt } of this.#reserve) {
      if (changedAt <= before && socket.bytesRead === 0) this.#close("first_byte", socket);
    }
    for (const reason of this.#unlogged.keys()) this.#log(reason);
  }

  #close(reason: Reason, socket: Socket): void {
    this.#closed.add({ reason });
    this.#unlogged.set(reason, (this.#unlogged.get(reason) ?? 0) + 1);
    this.#forget(socket);
    socket.destroy();
    this.#log(reason);
  }

  /** Logs at most one line for a reason in ten seconds, because a client could fill the disk with them. */
  #log(reason: Reason): void {
    const closed = this.#unlogged.get(reason) ?? 0;
    const now = performance.now();
    if (closed === 0 || now - (this.#loggedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < LOG_INTERVAL_MS) return;
    this.#unlogged.delete(reason);
    this.#loggedAt.set(reason, now);
    this.#options.logger.warn(
      { reason, closed, open: this.size, limit: this.#limitOf(reason) },
      "closed HTTP connections at a limit",
    );
  }

  #limitOf(reason: Reason): number {
    const { http, anonymousPerAddress } = this.#options.budget;
    if (reason === "unanswered_requests") return MAX_UNANSWERED;
    return reason === "http_connections_per_address" ? anonymousPerAddress : http;
  }
}

function isWorking({ requests, incomplete }: Connection): boolean {
  return requests > 0 && incomplete === 0;
}

function oldestWaiting(connections: Iterable<Connection>): Connection | undefined {
  let oldest: Connection | undefined;
  for (const connection of connections) {
    const isEvictable = !isWorking(connection) || performance.now() - connection.changedAt > RESPONSE_MS;
    if (isEvictable && (oldest === undefined || connection.changedAt < oldest.changedAt)) oldest = connection;
  }
  return oldest;
}
