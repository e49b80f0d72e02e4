import type { IncomingMessage } from "node:http";
import { consoleLogger, type Logger } from "../consumer/logger.ts";
import type { WebSocketScope } from "../consumer/scope.ts";
import { ChannelsError } from "../errors.ts";
import { MAX_DELAY_MS } from "../layer/clock.ts";
import { requireInteger } from "../layer/layer-options.ts";
import { getLayerRegistry, type LayerRegistry } from "../layer/layer-registry.ts";

/** How a server behaves. Every limit has a default that holds without thought. */
export interface ServerOptions {
  /**
   * Where consumers find their layers.
   * @default the process's registry
   */
  readonly layers?: LayerRegistry;
  /**
   * @default warnings and errors to the console
   */
  readonly logger?: Logger;
  /**
   * The longest message that a client may send, in bytes; beyond it the connection closes with 1009.
   * @default 65_536
   */
  readonly maxFrameBytes?: number;
  /**
   * Connections at once, handshakes included; beyond it 503.
   * @default 50_000
   */
  readonly maxConnections?: number;
  /**
   * Connections at once from one address; beyond it 429. Behind a proxy set `clientAddress` first.
   * @default no limit
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Connections at once of one user, as `userKey` names it; beyond it 429.
   * @default no limit
   */
  readonly maxConnectionsPerUser?: number;
  /**
   * What tells users apart; `undefined` for those who are not counted.
   * @default `scope.user.id`, if it is a string or a number
   */
  readonly userKey?: (scope: WebSocketScope) => string | undefined;
  /**
   * The client's address. The default believes the socket alone: a header can be forged, unless a proxy of yours sets it.
   * @default the socket's remote address
   */
  readonly clientAddress?: (request: IncomingMessage) => string;
  /**
   * Milliseconds from the request to the end of the handshake; beyond it 503.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number;
  /**
   * Frames of a client that may wait for its consumer; beyond it reading stops until half of them are handled.
   * @default 64
   */
  readonly maxQueuedFrames?: number;
  /**
   * Events that may wait for a consumer; beyond it the layer drops and reports them (L6).
   * @default 1_000
   */
  readonly maxQueuedEvents?: number;
  /**
   * Bytes that may wait for a client that reads too slowly. Beyond it ephemeral frames are dropped first; if that is not
   * enough, the connection closes with `slowCloseCode`.
   * @default 1_048_576
   */
  readonly maxQueuedBytes?: number;
  /**
   * @default 4101
   */
  readonly slowCloseCode?: number;
  /**
   * @default 4100
   */
  readonly drainCloseCode?: number;
  /**
   * Milliseconds between two pings to a client.
   * @default 25_000
   */
  readonly heartbeatMs?: number;
  /**
   * Pings in a row without a sign of life after which a client counts as dead: disconnect(1006).
   * @default 2
   */
  readonly missedHeartbeats?: number;
  /**
   * Milliseconds that a client has to answer a close frame before its socket is destroyed.
   * @default 5_000
   */
  readonly closeTimeoutMs?: number;
  /**
   * Milliseconds by which sending may be put off, so that more frames leave in one write, while the event loop is busy
   * with sending. 0: never.
   * @default 4
   */
  readonly flushWindowMs?: number;
  /**
   * Whether to compress for clients that can: each frame once, whatever the number of its receivers, without a context that
   * would cost memory for each connection. It costs CPU for every frame above `compressFromBytes`.
   * @default false
   */
  readonly perMessageDeflate?: boolean;
  /**
   * Bytes from which a frame is compressed, where that is on.
   * @default 1_024
   */
  readonly compressFromBytes?: number;
  /**
   * Milliseconds that a handler may go on after its connection ended, before its end is seen through without it.
   * @default 30_000
   */
  readonly handlerGraceMs?: number;
}

export type ResolvedServerOptions = Readonly<Required<ServerOptions>>;

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

const BOUNDS: Readonly<Record<NumberOption, readonly [least: number, most: number]>> = {
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

const UNLIMITED_BY_DEFAULT: ReadonlySet<NumberOption> = new Set(["maxConnectionsPerAddress", "maxConnectionsPerUser"]);

/** @throws InvalidOption naming the option that is unknown or out of bounds. */
export function resolveServerOptions(options: ServerOptions = {}): ResolvedServerOptions {
  const numbers: Record<NumberOption, number> = { ...SERVER_DEFAULTS };
  // `Object.keys` forgets the keys' type; they are those of the defaults.
  for (const name of Object.keys(SERVER_DEFAULTS) as NumberOption[]) {
    const value = options[name] ?? SERVER_DEFAULTS[name];
    const [least, most] = BOUNDS[name];
    numbers[name] =
      value === Number.POSITIVE_INFINITY && UNLIMITED_BY_DEFAULT.has(name)
        ? value
        : requireInteger(name, value, least, most);
  }
  const others = {
    layers: options.layers ?? getLayerRegistry(),
    logger: options.logger ?? consoleLogger,
    perMessageDeflate: options.perMessageDeflate ?? false,
    userKey: options.userKey ?? getUserId,
    clientAddress: options.clientAddress ?? getSocketAddress,
  };
  const resolved = Object.freeze({ ...numbers, ...others });
  for (const name of Object.keys(options)) {
    if (!(name in resolved)) {
      throw new ChannelsError("InvalidOption", {
        option: name,
        expected: `one of ${Object.keys(resolved).join(", ")}`,
        got: name,
      });
    }
  }
  return resolved;
}

function getSocketAddress(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? "";
}

function getUserId(scope: WebSocketScope): string | undefined {
  const { user } = scope;
  if (typeof user !== "object" || user === null || !("id" in user)) return undefined;
  return typeof user.id === "string" || typeof user.id === "number" ? String(user.id) : undefined;
}
