import { type ChannelLayer, InMemoryLayer, registerLayer } from "@multichat/channels";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";

/**
 * Registers the layers of the application, each under its alias. Every process calls it once: the server, the worker and
 * the scripts. A consumer names its layer by the alias, and a script gets the same one with `getLayer("chat")`.
 *
 * Without Redis all layers live in this process; with Redis, all processes that call this share them.
 */
export function setupLayers(redisUrl = process.env.REDIS_URL): void {
  registerLayer("memory", new InMemoryLayer());
  if (redisUrl === undefined || redisUrl === "") {
    for (const alias of ["chat", "queue", "notifications", "analytics"]) registerLayer(alias, new InMemoryLayer());
    return;
  }
  const hosts = [redisUrl];
  const layers: Readonly<Record<string, ChannelLayer>> = {
    // Pub/sub: the fastest way to every connected member.
    chat: new RedisPubSubLayer({ hosts, prefix: "tutorial.chat" }),
    // A queue: messages wait on the server until they are read.
    queue: new RedisQueueLayer({ hosts, prefix: "tutorial.queue", capacity: 1_000 }),
    notifications: new RedisPubSubLayer({ hosts, prefix: "tutorial.notify" }),
    analytics: new RedisPubSubLayer({ hosts, prefix: "tutorial.analytics" }),
  };
  for (const [alias, layer] of Object.entries(layers)) registerLayer(alias, layer);
}
