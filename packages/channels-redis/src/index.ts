export type { RedisCluster } from "./cluster-link.ts";
export type { RedisHost, RedisSentinelHost, RedisUrlHost } from "./hosts.ts";
export { RedisPubSubLayer, type RedisPubSubOptions } from "./pubsub-layer.ts";
export { type ExpiryRule, RedisQueueLayer, type RedisQueueOptions } from "./queue-layer.ts";
export type { RedisLayerOptions } from "./redis-layer-options.ts";
export type { ClaimedMessage } from "./work-channel.ts";
export type { WorkOptions } from "./work-options.ts";
export type { DeadLetter } from "./work-queue.ts";
