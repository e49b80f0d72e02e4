import type { ConnectionOptions } from "node:tls";
import { ChannelsError } from "@multichat/channels/layer";
import { Redis, type RedisOptions } from "ioredis";

/**
 * One Redis server: a URL (`redis://user:password@host:6379/0`, `rediss://` for TLS, `unix:///path/to.sock` or a path for
 * a Unix socket), or a master managed by Sentinels.
 */
export type RedisHost = string | RedisUrlHost | RedisSentinelHost;

export interface RedisUrlHost {
  readonly url: string;
  /** Certificates and other TLS options, for `rediss://`. */
  readonly tls?: ConnectionOptions;
}

export interface RedisSentinelHost {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** The name under which the Sentinels know the master. */
  readonly masterName: string;
  readonly username?: string;
  readonly password?: string;
  readonly sentinelPassword?: string;
  readonly db?: number;
  readonly tls?: ConnectionOptions;
}

/** The longest delay between two attempts to reach a server. */
const MAX_RETRY_DELAY_MS = 1_000;
/** How long a server may take to accept a connection, and a Sentinel to answer. */
const CONNECT_TIMEOUT_MS = 5_000;

function retryDelayMs(attempts: number): number {
  return Math.min(25 * 2 ** Math.min(attempts, 6), MAX_RETRY_DELAY_MS) * (0.5 + Math.random() / 2);
}

/**
 * The options of every connection. Nothing is queued while the server is unavailable and nothing is resent: a layer reports
 * what it dropped, and delivering an old message twice is worse than not delivering it (L5).
 */
const COMMON_OPTIONS = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  // How long closing may take: a frozen server never acknowledges it.
  disconnectTimeout: 200,
  keepAlive: 10_000,
  noDelay: true,
  retryStrategy: retryDelayMs,
  // After a failover the old master answers READONLY: reconnect, as after a lost connection.
  reconnectOnError: (error: Error) => error.message.includes("READONLY"),
} satisfies RedisOptions;

/** Returns a connection that has not started to connect. */
export function openRedis(host: RedisHost): Redis {
  const redis = typeof host === "object" && "sentinels" in host ? openBySentinel(host) : openByUrl(host);
  // Every lost connection emits `error`, which Node throws without a listener; the layer reacts to `close` instead.
  redis.on("error", () => undefined);
  ignoreLaterErrors(redis);
  reopenAfterEnd(redis);
  return redis;
}

/** Stops the reopening of each connection. */
const reopenings = new WeakMap<Redis, () => void>();

/**
 * ioredis gives a connection up for good when an attempt to find its server fails: for instance when a Sentinel announces a new
 * master (which ends the attempt) while another one is being asked for it. Only `closeRedis` ends a connection for good.
 */
function reopenAfterEnd(redis: Redis): void {
  let attempts = 0;
  let timer: NodeJS.Timeout | undefined;
  const onReady = () => {
    attempts = 0;
  };
  const onEnd = () => {
    attempts += 1;
    // A failure is reported by the event `error`, and followed by `end`.
    timer = setTimeout(() => redis.connect().catch(() => undefined), retryDelayMs(attempts));
  };
  redis.on("ready", onReady).on("end", onEnd);
  reopenings.set(redis, () => {
    redis.off("ready", onReady).off("end", onEnd);
    clearTimeout(timer);
  });
}

/**
 * ioredis listens only for a socket's first error. TLS may report more: a refused certificate before the connection is made,
 * then an alert of the server for each record that it still receives. The second one would end the process, so each socket gets
 * a listener that stays, from the moment at which ioredis has it.
 */
function ignoreLaterErrors(redis: Redis): void {
  let current = redis.stream;
  Object.defineProperty(redis, "stream", {
    configurable: true,
    enumerable: true,
    get: () => current,
    set: (stream: Redis["stream"]) => {
      current = stream;
      stream.on("error", () => undefined);
    },
  });
}

/** Closes a connection. Resolves when its socket is closed too, so that it no longer keeps the process alive. */
export async function closeRedis(redis: Redis): Promise<void> {
  const { stream } = redis;
  reopenings.get(redis)?.();
  redis.disconnect();
  if (stream === undefined || stream.closed) return;
  await new Promise<void>((resolve) => stream.once("close", () => resolve()));
}

function openByUrl(host: string | RedisUrlHost): Redis {
  const { url, tls } = typeof host === "string" ? { url: host, tls: undefined } : host;
  const withTls = tls === undefined ? {} : { tls };
  const path = url.startsWith("unix://") ? url.slice("unix://".length) : url.startsWith("/") ? url : undefined;
  if (path !== undefined) return new Redis({ ...COMMON_OPTIONS, ...withTls, path });
  if (!/^rediss?:\/\//.test(url)) {
    throw new ChannelsError("InvalidOption", {
      option: "hosts",
      expected: 'URLs that begin with "redis://", "rediss://" or "unix://"',
      got: url.replace(/\/\/.*@/, "//…@"),
    });
  }
  return new Redis(url, { ...COMMON_OPTIONS, ...withTls });
}

function openBySentinel(host: RedisSentinelHost): Redis {
  if (host.sentinels.length === 0) {
    throw new ChannelsError("InvalidOption", { option: "hosts[].sentinels", expected: "at least one", got: "none" });
  }
  return new Redis({
    ...COMMON_OPTIONS,
    sentinels: host.sentinels.map(({ host: name, port }) => ({ host: name, port })),
    name: host.masterName,
    sentinelRetryStrategy: retryDelayMs,
    // A Sentinel that accepts connections but is frozen must not keep the others from being asked.
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    // A replaced master may keep running: without this, existing connections would stay on it.
    failoverDetector: true,
    ...(host.username === undefined ? {} : { username: host.username }),
    ...(host.password === undefined ? {} : { password: host.password }),
    ...(host.sentinelPassword === undefined ? {} : { sentinelPassword: host.sentinelPassword }),
    ...(host.db === undefined ? {} : { db: host.db }),
    ...(host.tls === undefined ? {} : { tls: host.tls, enableTLSForSentinelMode: true }),
  });
}
