import type { IncomingMessage } from "node:http";
import type { ErrorHandler } from "../consumer/failure.ts";
import { consoleLogger, type Logger } from "../consumer/logger.ts";
import type { Refusal } from "../consumer/runner/transport.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { getUserId } from "../consumer/user-id.ts";
import { ChannelsError } from "../errors.ts";
import { MAX_DELAY_MS } from "../layer/clock.ts";
import { getLayerRegistry, type LayerRegistry } from "../layer/layer-registry.ts";
import { requireInteger } from "../layer/require-integer.ts";
import { checkOptions, type OptionNames } from "../options.ts";

/** The body of an HTTP response to a refused handshake, and headers beside those of the refusal. */
export interface RefusalResponse {
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The options of a server. All have defaults that suit most servers. */
export interface ServerOptions {
  /**
   * The registry in which consumers' layers are looked up.
   * @default the process's registry
   */
  readonly layers?: LayerRegistry;
  /**
   * The logger of the server and its consumers.
   * @default warnings and errors to the console
   */
  readonly logger?: Logger;
  /**
   * Receives every error of a consumer whose own `onError` returns undefined, and may decide whether the connection is closed
   * or kept (C8). Errors are logged in any case.
   * @default undefined: only an outage of the layer after `connect` keeps the connection
   */
  readonly onError?: ErrorHandler;
  /**
   * The longest message of a client, in bytes; a longer one closes the connection with 1009.
   * @default 65_536
   */
  readonly maxFrameBytes?: number;
  /**
   * Number of concurrent connections, including handshakes; further ones are refused with 503.
   * @default 50_000
   */
  readonly maxConnections?: number;
  /**
   * Number of concurrent connections from one address; further ones are refused with 429. Behind a proxy, set
   * `clientAddress` too.
   * @default no limit
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Number of concurrent connections of one user, identified by `userKey`; further ones are refused with 429.
   * @default no limit
   */
  readonly maxConnectionsPerUser?: number;
  /**
   * Returns a key that identifies the user, or `undefined` for a connection that does not count.
   * @default `scope.user.id`, if it is a string or a number
   */
  readonly userKey?: (scope: WebSocketScope) => string | undefined;
  /**
   * Returns the client's address. A header is trustworthy only if your own proxy sets it, so the default uses the
   * socket.
   * @default the socket's remote address
   */
  readonly clientAddress?: (request: IncomingMessage) => string;
  /**
   * Returns the HTTP response to a handshake that is refused, by the application or by the server itself.
   * @default the reason as plain text
   */
  readonly refusalResponse?: (refused: Refusal) => RefusalResponse;
  /**
   * What an attached server does with an upgrade request for a path without a route: "leave" it to the other upgrade
   * listeners of the HTTP server, such as those of Socket.IO or of Vite, and refuse it if there are none or none of them has
   * answered after `handshakeTimeoutMs`; or "refuse" it at once, with 404.
   * @default "leave"
   */
  readonly unknownPaths?: "leave" | "refuse";
  /**
   * The longest duration of a handshake in milliseconds; a longer one is refused with 503.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number;
  /**
   * Number of frames of a client that may wait for its consumer. At the limit, reading pauses until half are handled (C5).
   * @default 64
   */
  readonly maxQueuedFrames?: number;
  /**
   * Number of events that may wait for a consumer; the layer drops and reports further ones (L6). While more than 64 wait,
   * or half of this number, no further frame is handled (C5).
   * @default 1_000
   */
  readonly maxQueuedEvents?: number;
  /**
   * Number of bytes that may wait for a client that reads too slowly. While any wait, so do the client's frames (C5).
   * Beyond the limit, ephemeral frames are dropped; if that is not enough, the connection closes with `slowCloseCode`.
   * @default 1_048_576
   */
  readonly maxQueuedBytes?: number;
  /**
   * The close code for a client that reads too slowly.
   * @default 4101
   */
  readonly slowCloseCode?: number;
  /**
   * The close code of `drain`.
   * @default 4100
   */
  readonly drainCloseCode?: number;
  /**
   * The interval between pings to a client, in milliseconds.
   * @default 25_000
   */
  readonly heartbeatMs?: number;
  /**
   * Number of consecutive unanswered pings after which a client counts as dead and its consumer gets disconnect(1006).
   * @default 2
   */
  readonly missedHeartbeats?: number;
  /**
   * The time for a client to answer a close frame, in milliseconds, before its socket is destroyed.
   * @default 5_000
   */
  readonly closeTimeoutMs?: number;
  /**
   * The longest delay of sending, in milliseconds, to send more frames in one write while the event loop is busy with
   * sending. 0 disables it.
   * @default 4
   */
  readonly flushWindowMs?: number;
  /**
   * Whether to compress frames for clients that support it: once for all receivers, and without context takeover, which
   * would cost memory for each connection. Costs CPU for every frame of at least `compressFromBytes`.
   * @default false
   */
  readonly perMessageDeflate?: boolean;
  /**
   * The size in bytes from which frames are compressed, if compression is on.
   * @default 1_024
   */
  readonly compressFromBytes?: number;
  /**
   * The time that a handler may continue after its connection ended, in milliseconds, before the connection ends
   * without it.
   * @default 30_000
   */
  readonly handlerGraceMs?: number;
}

/** The options with defaults applied. */
export type ResolvedServerOptions = Readonly<Required<Omit<ServerOptions, "onError">>> & {
  readonly onError: ErrorHandler | undefined;
};

/** The defaults of the numeric options. */
export const SERVER_DEFAULTS = Object.freeze({
  maxFrameBytes: 65_536,
  maxConnections: 50_000,
  maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
  maxConnectionsPerUser: Number.POSITIVE_INFINITY,
  handshakeTimeoutMs: 10_000,
  maxQueuedFrames: 64,
  maxQueuedEvents: 1_000,
  maxQueuedBytes: 1_048_576,
  slowCloseCode: 4101,
  drainCloseCode: 4100,
  heartbeatMs: 25_000,
  missedHeartbeats: 2,
  closeTimeoutMs: 5_000,
  flushWindowMs: 4,
  compressFromBytes: 1_024,
  handlerGraceMs: 30_000,
} satisfies ServerOptions);

type NumberOption = keyof typeof SERVER_DEFAULTS;

const BOUNDS: Readonly<Record<NumberOption, readonly [min: number, max: number]>> = {
  maxFrameBytes: [1, 1_073_741_824],
  maxConnections: [1, Number.MAX_SAFE_INTEGER],
  maxConnectionsPerAddress: [1, Number.MAX_SAFE_INTEGER],
  maxConnectionsPerUser: [1, Number.MAX_SAFE_INTEGER],
  handshakeTimeoutMs: [1, MAX_DELAY_MS],
  maxQueuedFrames: [1, 1_000_000],
  maxQueuedEvents: [1, 1_000_000],
  maxQueuedBytes: [1, Number.MAX_SAFE_INTEGER],
  slowCloseCode: [3000, 4999],
  drainCloseCode: [3000, 4999],
  heartbeatMs: [10, MAX_DELAY_MS],
  missedHeartbeats: [1, 1_000],
  closeTimeoutMs: [1, MAX_DELAY_MS],
  flushWindowMs: [0, 100],
  compressFromBytes: [0, Number.MAX_SAFE_INTEGER],
  handlerGraceMs: [1, MAX_DELAY_MS],
};

const NAMES = {
  ...BOUNDS,
  layers: true,
  logger: true,
  onError: true,
  perMessageDeflate: true,
  userKey: true,
  clientAddress: true,
  refusalResponse: true,
  unknownPaths: true,
} satisfies OptionNames<ServerOptions>;

const UNLIMITED_BY_DEFAULT: ReadonlySet<NumberOption> = new Set(["maxConnectionsPerAddress", "maxConnectionsPerUser"]);

/**
 * Validates the options and applies the defaults.
 * @throws InvalidOption naming the option that is unknown or out of bounds.
 */
export function resolveServerOptions(options: ServerOptions = {}): ResolvedServerOptions {
  checkOptions<ServerOptions>(options, NAMES);
  const numbers: Record<NumberOption, number> = { ...SERVER_DEFAULTS };
  // The cast restores the type of the keys, which `Object.keys` loses.
  for (const name of Object.keys(SERVER_DEFAULTS) as NumberOption[]) {
    const value = options[name] ?? SERVER_DEFAULTS[name];
    const [min, max] = BOUNDS[name];
    numbers[name] =
      value === Number.POSITIVE_INFINITY && UNLIMITED_BY_DEFAULT.has(name)
        ? value
        : requireInteger(name, value, min, max);
  }
  const otherOptions = {
    layers: options.layers ?? getLayerRegistry(),
    logger: options.logger ?? consoleLogger,
    onError: options.onError,
    perMessageDeflate: options.perMessageDeflate ?? false,
    userKey: options.userKey ?? getUserId,
    clientAddress: options.clientAddress ?? getSocketAddress,
    refusalResponse: options.refusalResponse ?? toPlainText,
    unknownPaths: options.unknownPaths ?? ("leave" as const),
  };
  if (otherOptions.unknownPaths !== "leave" && otherOptions.unknownPaths !== "refuse") {
    const expected = '"leave" or "refuse"';
    throw new ChannelsError("InvalidOption", { option: "unknownPaths", expected, got: otherOptions.unknownPaths });
  }
  return Object.freeze({ ...numbers, ...otherOptions });
}

function getSocketAddress(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? "";
}

/** Returns the default response to a refusal. */
export function toPlainText({ reason }: Refusal): RefusalResponse {
  return { contentType: "text/plain; charset=utf-8", body: `${reason}\n` };
}
