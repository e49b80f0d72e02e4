import { type ChannelLayer, InMemoryLayer, registerLayer } from "@multichat/channels";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";

/**
 * The layers of the whole application, each under its alias. Called once by every process: the server, the worker and the
 * scripts. A consumer then names its layer by the alias, and a script finds the same one with `getLayer("chat")`.
 *
 * Without a Redis all of them live in this process; with one, every process that calls this is part of one system.
 */
export function setupLayers(redisUrl = process.env.REDIS_URL): void {
  registerLayer("memory", new InMemoryLayer());
  if (redisUrl === undefined || redisUrl === "") {
    for (const alias of ["chat", "queue", "notifications", "analytics"]) registerLayer(alias, new InMemoryLayer());
    return;
  }
  const hosts = [redisUrl];
  const layers: Readonly<Record<string, ChannelLayer>> = {
    // Pub/sub: the fastest way to everybody who is there now.
    chat: new RedisPubSubLayer({ hosts, prefix: "tutorial.chat" }),
    // A queue: what was sent waits on the server until it is read.
    queue: new RedisQueueLayer({ hosts, prefix: "tutorial.queue", capacity: 1_000 }),
    notifications: new RedisPubSubLayer({ hosts, prefix: "tutorial.notify" }),
    analytics: new RedisPubSubLayer({ hosts, prefix: "tutorial.analytics" }),
  };
  for (const [alias, layer] of Object.entries(layers)) registerLayer(alias, layer);
}
