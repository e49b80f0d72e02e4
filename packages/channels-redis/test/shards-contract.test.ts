import { type ContractServer, layerContract } from "@multichat/channels/testing/contract";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { afterAll, beforeAll } from "vitest";
import { RedisProcess } from "./support/redis-process.ts";

let first: RedisProcess;
let second: RedisProcess;
beforeAll(async () => {
  first = await RedisProcess.start();
  second = await RedisProcess.start();
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
});

/** Loses one of the two servers, which is enough for a gap. */
const server: ContractServer = {
  disconnect: () => first.kill(),
  reconnect: () => first.restart(),
};
const fewerRuns = { runs: 10, leakCycles: 2_000, expiryMs: 1_000 };

layerContract(
  "RedisPubSubLayer on two servers",
  (options) => new RedisPubSubLayer({ ...options, hosts: [first.url, second.url] }),
  {
    server,
    unsupported: {
      namedWaiting: "pub/sub keeps nothing on the server for a channel that no process listens on",
      instant: "a message comes back from the server a moment later",
    },
    ...fewerRuns,
  },
);

layerContract(
  "RedisQueueLayer on two servers",
  (options) => new RedisQueueLayer({ ...options, hosts: [first.url, second.url] }),
  {
    server,
    unsupported: {
      namedWaiting: "a named channel is spread over the servers, as in Python: order and capacity hold on each of them",
      groupDrops: "the wire format of channels_redis does not say by which group a message came",
      history: "only one server can number the events of a group in the order in which its members get them",
      instant: "a message comes back from the server a moment later",
    },
    ...fewerRuns,
  },
);
