export type { RedisCluster } from "./cluster-link.ts";
export type { RedisHost, RedisSentinelHost, RedisUrlHost } from "./hosts.ts";
export { RedisPubSubLayer, type RedisPubSubOptions } from "./pubsub-layer.ts";
export { RedisQueueLayer, type RedisQueueOptions } from "./queue-layer.ts";
export type { RedisLayerOptions } from "./redis-layer-options.ts";
