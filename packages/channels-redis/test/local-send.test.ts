import { eventually } from "@multichat/channels/testing";
import { RedisPubSubLayer } from "@multichat/channels-redis";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { RedisProcess } from "./support/redis-process.ts";

let redis: RedisProcess;
beforeAll(async () => {
  redis = await RedisProcess.start();
});
afterAll(() => redis?.stop());

const layers: RedisPubSubLayer[] = [];
afterEach(async () => {
  await Promise.all(layers.splice(0).map((layer) => layer.close()));
});

/** Creates a member of the group "room" on a layer of its own, like one in another process. */
async function member() {
  const layer = new RedisPubSubLayer({ hosts: [redis.url], prefix: `here${process.pid}` });
  layers.push(layer);
  const channel = layer.newChannel();
  await layer.groupAdd("room", channel);
  return { layer, next: () => layer.receive(channel) };
}

it("reaches only the members in this process", async () => {
  const [local, remote] = [await member(), await member()];
  await local.layer.groupSendLocal("room", { type: "for.local" });
  await local.layer.groupSend("room", { type: "for.all" });
  expect(await remote.next()).toEqual({ type: "for.all" });
  expect([(await local.next()).type, (await local.next()).type].sort()).toEqual(["for.all", "for.local"]);
});

it("reaches them while the server is unavailable", async () => {
  const local = await member();
  await redis.kill();
  await eventually(() => expect(local.layer.groupSend("room", { type: "lost" })).rejects.toThrow());
  await local.layer.groupSendLocal("room", { type: "for.local" });
  expect(await local.next()).toEqual({ type: "for.local" });
  await redis.restart();
});
