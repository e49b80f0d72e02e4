import { ChannelsError, checkAlias, checkOptions, type OptionNames, requireInteger } from "@multichat/channels/layer";
import type { ConnectionTiming } from "./heartbeat.ts";
import type { RedisHost, RedisSentinelHost, RedisUrlHost } from "./redis-host.ts";

/** How to reach the servers, and the prefix of everything stored there. */
export interface RedisConnectionOptions {
  /**
   * The servers. Several servers share the names between them (consistent hashing, as in channels_redis): every process
   * must list the same servers in the same order.
   * @default ["redis://localhost:6379"]
   */
  readonly hosts?: readonly RedisHost[];
  /**
   * Starts every key and topic, which keeps layers on one Redis apart (L10). Python has the same default. No prefix may
   * start with another one: as in Python, nothing separates prefix and name, and `flush` deletes by prefix.
   * @default "asgi"
   */
  readonly prefix?: string;
  /**
   * Milliseconds allowed for the first connection to a server (100 to 60,000).
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds between two pings of a connection (100 to 60,000). A ping that is unanswered when the next one is due
   * ends the connection.
   * @default 5_000
   */
  readonly pingMs?: number;
}

export interface ResolvedConnectionOptions {
  readonly hosts: readonly RedisHost[];
  readonly prefix: string;
  readonly timing: ConnectionTiming;
}

export const CONNECTION_OPTION_NAMES: OptionNames<RedisConnectionOptions> = Object.freeze({
  hosts: true,
  prefix: true,
  connectTimeoutMs: true,
  pingMs: true,
});

/** @throws InvalidOption naming the option that is unknown or out of bounds. */
export function resolveConnectionOptions(options: RedisConnectionOptions): ResolvedConnectionOptions {
  const hosts = options.hosts ?? ["redis://localhost:6379"];
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw new ChannelsError("InvalidOption", {
      option: "hosts",
      expected: "a list of at least one server",
      got: options.hosts,
    });
  }
  for (const [index, host] of hosts.entries()) checkHost(host, `hosts[${index}].`);
  const prefix = options.prefix ?? "asgi";
  // The prefix becomes part of channel names, so the same characters are allowed (L1).
  checkAlias(prefix);
  return Object.freeze({
    hosts,
    prefix,
    timing: Object.freeze({
      connectTimeoutMs: requireInteger("connectTimeoutMs", options.connectTimeoutMs ?? 10_000, 100, 60_000),
      pingIntervalMs: requireInteger("pingMs", options.pingMs ?? 5_000, 100, 60_000),
    }),
  });
}

function checkHost(host: RedisHost, path: string): void {
  if (typeof host === "string") return;
  if (!("sentinels" in host)) {
    checkOptions<RedisUrlHost>(host, { url: true, tls: true }, path);
    return;
  }
  const names: OptionNames<RedisSentinelHost> = {
    sentinels: true,
    masterName: true,
    username: true,
    password: true,
    sentinelPassword: true,
    db: true,
    tls: true,
  };
  checkOptions<RedisSentinelHost>(host, names, path);
}
