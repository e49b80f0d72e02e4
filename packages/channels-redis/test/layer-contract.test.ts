import { type ContractServer, layerContract } from "@multichat/channels/testing/contract";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(() => redis?.stop());

const server: ContractServer = {
  disconnect: () => redis.kill(),
  reconnect: () => redis.restart(),
};

/** Returns the keys and topics of a prefix that remain on the server. */
async function residue(prefix: string): Promise<readonly string[]> {
  const client = new Redis(redis.url);
  try {
    return [...(await client.keys(`${prefix}*`)), ...((await client.pubsub("CHANNELS", `${prefix}*`)) as string[])];
  } finally {
    client.disconnect();
  }
}

layerContract("RedisPubSubLayer", (options) => new RedisPubSubLayer({ ...options, hosts: [redis.url] }), {
  server,
  unsupported: {
    namedWaiting: "pub/sub keeps nothing on the server for a channel that no process listens on",
    instant: "a message comes back from the server a moment later",
  },
  listLeftovers: residue,
  runs: 25,
  expiryMs: 1_000,
});

layerContract("RedisQueueLayer", (options) => new RedisQueueLayer({ ...options, hosts: [redis.url] }), {
  server,
  unsupported: {
    groupDrops: "the wire format of channels_redis does not say by which group a message came",
    instant: "a message comes back from the server a moment later",
  },
  listLeftovers: residue,
  runs: 25,
  expiryMs: 1_000,
});
