import { type ChannelLayer, InMemoryLayer, InMemoryPresence } from "@multichat/channels";
import { RedisPresence, RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import type { Config } from "./config/config.ts";
import type { BroadcastLayer } from "./fan-out/layer-broadcasts.ts";
import type { Logger } from "./observability/logging.ts";
import type { PresenceGroups } from "./presence/index.ts";
import { StartError } from "./process/start-error.ts";

type RedisConfig = Pick<Config, "redisUrl" | "redisPrefix">;

const WORK_CHANNELS = "multichat.*";
/** Messages that may wait for a worker, and how long: work is not talk, somebody may have to start a worker first. */
const WORK_CAPACITY = 10_000;
const WORK_EXPIRY_MS = 24 * 3_600_000;

/**
 * The layer between the chat's processes, or within the only one.
 * @throws StartError when the Redis that REDIS_URL names does not answer.
 */
export async function openChatLayer(config: RedisConfig, logger: Logger): Promise<ChannelLayer & BroadcastLayer> {
  if (config.redisUrl === null) return new InMemoryLayer();
  const { redisUrl, redisPrefix } = config;
  return await openWhenReady(
    redisUrl,
    redisPrefix,
    (options) => new RedisPubSubLayer({ ...options, onError: logTo(logger) }),
  );
}

/** Who is there, over all processes. The layer has found its Redis before this is opened; afterwards it may be away. */
export function openPresence({ redisUrl, redisPrefix }: RedisConfig, logger: Logger): PresenceGroups {
  if (redisUrl === null) return new InMemoryPresence();
  return new RedisPresence({ hosts: [redisUrl], prefix: redisPrefix, onError: logTo(logger) });
}

/**
 * The layer on which work waits for `multichat worker`.
 * @throws StartError without REDIS_URL, and when its Redis does not answer.
 */
export async function openWorkLayer(config: RedisConfig, logger: Logger): Promise<RedisQueueLayer> {
  const { redisUrl, redisPrefix } = config;
  if (redisUrl === null) {
    throw new StartError(
      "REDIS_URL: expected the Redis that brings the work, got nothing: a worker is another process, which nothing else reaches. Set it for the servers and the workers alike.",
    );
  }
  return await openWhenReady(
    redisUrl,
    redisPrefix,
    (options) =>
      new RedisQueueLayer({
        ...options,
        channelCapacity: [{ channel: WORK_CHANNELS, capacity: WORK_CAPACITY }],
        channelExpiry: [{ channel: WORK_CHANNELS, expiryMs: WORK_EXPIRY_MS }],
        onError: logTo(logger),
      }),
  );
}

/** For `doctor`. @throws StartError. */
export async function checkRedis(redisUrl: string, withinMs: number): Promise<void> {
  const layer = await openWhenReady(
    redisUrl,
    "multichat",
    (options) => new RedisPubSubLayer({ ...options, connectTimeoutMs: withinMs }),
  );
  await layer.close();
}

async function openWhenReady<L extends { ready(): Promise<void>; close(): Promise<void> }>(
  redisUrl: string,
  prefix: string,
  open: (options: { readonly hosts: readonly string[]; readonly prefix: string }) => L,
): Promise<L> {
  const layer = open({ hosts: [redisUrl], prefix });
  try {
    await layer.ready();
    return layer;
  } catch (error) {
    await layer.close();
    const said = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `REDIS_URL: expected a Redis that answers at ${withoutCredentials(redisUrl)}. ${said}. Start it or correct the address; without REDIS_URL one server process needs none.`,
      { cause: error },
    );
  }
}

/** An address without the name and the password in it. */
function withoutCredentials(redisUrl: string): string {
  return redisUrl.replace(/\/\/[^/]*@/, "//").replace(/[?#].*$/, "");
}

function logTo(logger: Logger): (error: unknown, channel: string) => void {
  return (err, channel) => logger.error({ err, channel }, "the layer met something that it could not use");
}
