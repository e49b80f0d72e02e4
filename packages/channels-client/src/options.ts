import type { CommandArguments, CommandName, Protocol, SUBPROTOCOL } from "@multichat/channels/protocol";
import type { ReconnectPolicy } from "./connection/close-policy.ts";
import { isWithoutPage, type SocketClass, socketClass, socketUrl, type TokenPlace } from "./connection/socket.ts";
import type { BackoffOptions } from "./core/backoff.ts";
import { checkOptions } from "./core/check-options.ts";
import { checkRange } from "./core/check-range.ts";
import type { RateOptions } from "./core/token-bucket.ts";

/** How a dead connection is noticed. Neither browsers nor Node show a client the pings of the server. */
export interface HeartbeatOptions {
  /** After this time without any frame a ping is sent, in milliseconds. @default 25_000 */
  readonly intervalMs?: number;
  /** How long the answer may take, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number;
}

/**
 * The commands that are safe to send again, by name: the member of the input that carries their idempotency key, which the
 * client fills in with a random one unless the caller did; or `true` for a command that needs no key, such as one that reads.
 */
export type RepeatableCommands<P extends Protocol> = {
  readonly [Name in CommandName<P>]?: true | (keyof CommandArguments<P, Name> & string);
};

export interface ClientOptions<P extends Protocol> {
  /**
   * The address: `ws:`, `wss:`, `http:` or `https:`; in a page also a path such as `/ws/chat`. Outside of one, as while a server
   * renders, a client with such a path does not connect by itself, and its `connect()` throws.
   */
  readonly url: string | URL;
  /**
   * Returns the token of the signed-in user. Called before each attempt to connect, so that an expired one can be renewed. A
   * rejection counts as a failed attempt; null means that there is none and ends the client with "signed-out".
   * @default none: a page's cookies go with the handshake in any case
   */
  readonly token?: () => string | null | Promise<string | null>;
  /**
   * How the token travels. A browser sets no header, so it is the subprotocol `bearer.<token>`, which `bearerToken(scope)` of
   * `@multichat/channels` reads; or a parameter of the query, which ends up in the logs of servers and proxies.
   * @default "subprotocol"
   */
  readonly tokenPlace?: TokenPlace;
  /**
   * The subprotocols to offer. Where any is offered, browsers insist that the server accepts one; consumers of
   * `protocolConsumer` do. Pass `[]` for a server that accepts none.
   * @default ["channels.v1"]
   */
  readonly subprotocols?: readonly string[];
  /** Whether to connect at once, or to wait for `connect()`; until then calls and subscriptions wait. @default true */
  readonly autoConnect?: boolean;
  /** What a call does while there is no connection: wait for one until its timeout, or fail with NOT_CONNECTED. @default "queue" */
  readonly offline?: "queue" | "fail";
  /** Calls without a reply, waiting ones included; further ones fail with TOO_MANY_CALLS. @default 256 */
  readonly maxCalls?: number;
  /** How long a call takes at most, in milliseconds, with the wait for a connection. @default 10_000 */
  readonly timeoutMs?: number;
  /**
   * How fast the client sends: calls, subscriptions, cancellations and pings. What exceeds it waits in its order, within `maxCalls`
   * and the timeouts. For a server that limits the rate; choose less than its limit.
   * @default no limit
   */
  readonly rate?: RateOptions;
  /** The commands that are sent again when the connection broke before their reply. @default none */
  readonly repeatable?: RepeatableCommands<P>;
  /** How long an attempt to connect takes at most, in milliseconds, with `token`. @default 15_000 */
  readonly connectTimeoutMs?: number;
  readonly backoff?: BackoffOptions;
  /** false sends no pings: then only a write that fails ends a dead connection, which takes minutes. */
  readonly heartbeat?: HeartbeatOptions | false;
  /**
   * Asked after a handshake that failed; false ends the client with "refused". A browser does not say why a handshake failed,
   * so ask the server over HTTP, for example whether the session is still valid.
   * @default always true
   */
  readonly shouldRetry?: (failure: { readonly attempt: number }) => boolean | Promise<boolean>;
  /** Decides what follows a close code; undefined leaves it to `getReconnectPolicy`. */
  readonly reconnectPolicy?: (code: number) => ReconnectPolicy | undefined;
  /** @default the global WebSocket */
  readonly WebSocket?: SocketClass;
}

export interface ResolvedOptions {
  readonly url: string | URL;
  readonly autoConnect: boolean;
  readonly token: (() => string | null | Promise<string | null>) | undefined;
  readonly tokenPlace: TokenPlace;
  readonly subprotocols: readonly string[];
  readonly offline: "queue" | "fail";
  readonly maxCalls: number;
  readonly timeoutMs: number;
  readonly rate: RateOptions | undefined;
  readonly repeatable: Readonly<Record<string, true | string | undefined>>;
  readonly connectTimeoutMs: number;
  readonly backoff: Required<BackoffOptions>;
  readonly heartbeat: Required<HeartbeatOptions> | false;
  readonly shouldRetry: (failure: { readonly attempt: number }) => boolean | Promise<boolean>;
  readonly reconnectPolicy: (code: number) => ReconnectPolicy | undefined;
  readonly WebSocket: SocketClass | undefined;
}

// The client imports only types of the framework, and this one says which text it has to be.
const OFFERED_SUBPROTOCOL: typeof SUBPROTOCOL = "channels.v1";

/**
 * Validates the options and applies the defaults.
 * @throws TypeError for an address or a WebSocket that cannot be used; RangeError naming the option that is out of bounds.
 */
export function resolveOptions<P extends Protocol>(options: ClientOptions<P>): ResolvedOptions {
  checkOptions<ClientOptions<P>>(options, {
    url: 1,
    token: 1,
    tokenPlace: 1,
    subprotocols: 1,
    autoConnect: 1,
    offline: 1,
    maxCalls: 1,
    timeoutMs: 1,
    rate: 1,
    repeatable: 1,
    connectTimeoutMs: 1,
    backoff: 1,
    heartbeat: 1,
    shouldRetry: 1,
    reconnectPolicy: 1,
    WebSocket: 1,
  });
  const { heartbeat = {}, backoff = {}, rate } = options;
  if (rate) checkOptions<RateOptions>(rate, { perSecond: 1, burst: 1 }, "rate.");
  checkOptions<BackoffOptions>(backoff, { baseMs: 1, maxMs: 1, stableAfterMs: 1 }, "backoff.");
  if (heartbeat) checkOptions<HeartbeatOptions>(heartbeat, { intervalMs: 1, timeoutMs: 1 }, "heartbeat.");
  const isElsewhere = isWithoutPage(options.url);
  // One that does not connect yet may be created where it never will: while a server renders.
  const connectsLater = isElsewhere || options.autoConnect === false;
  if (!isElsewhere) socketUrl(options.url);
  if (!connectsLater || options.WebSocket !== undefined) socketClass(options.WebSocket);
  return {
    url: options.url,
    autoConnect: !connectsLater,
    token: options.token,
    tokenPlace: options.tokenPlace ?? "subprotocol",
    subprotocols: options.subprotocols ?? [OFFERED_SUBPROTOCOL],
    offline: options.offline ?? "queue",
    maxCalls: checkRange("maxCalls", options.maxCalls ?? 256, 1_000_000),
    timeoutMs: checkRange("timeoutMs", options.timeoutMs ?? 10_000),
    rate: rate && {
      perSecond: checkRange("rate.perSecond", rate.perSecond),
      burst: checkRange("rate.burst", rate.burst),
    },
    // The names are those of the protocol.
    repeatable: (options.repeatable ?? {}) as ResolvedOptions["repeatable"],
    connectTimeoutMs: checkRange("connectTimeoutMs", options.connectTimeoutMs ?? 15_000),
    backoff: {
      baseMs: checkRange("backoff.baseMs", backoff.baseMs ?? 500),
      maxMs: checkRange("backoff.maxMs", backoff.maxMs ?? 30_000),
      stableAfterMs: checkRange("backoff.stableAfterMs", backoff.stableAfterMs ?? 5_000),
    },
    heartbeat: heartbeat && {
      intervalMs: checkRange("heartbeat.intervalMs", heartbeat.intervalMs ?? 25_000),
      timeoutMs: checkRange("heartbeat.timeoutMs", heartbeat.timeoutMs ?? 10_000),
    },
    shouldRetry: options.shouldRetry ?? (() => true),
    reconnectPolicy: options.reconnectPolicy ?? (() => undefined),
    WebSocket: options.WebSocket,
  };
}
