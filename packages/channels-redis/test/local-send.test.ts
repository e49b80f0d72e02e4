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

/** A member of the group "room" on a layer of its own, as another process would have it. */
async function member() {
  const layer = new RedisPubSubLayer({ hosts: [redis.url], prefix: `here${process.pid}` });
  layers.push(layer);
  const channel = layer.newChannel();
  await layer.groupAdd("room", channel);
  return { layer, next: () => layer.receive(channel) };
}

it("reaches the members in this process alone, whoever else is in the group", async () => {
  const [here, there] = [await member(), await member()];
  await here.layer.groupSendLocal("room", { type: "for.here" });
  await here.layer.groupSend("room", { type: "for.all" });
  expect(await there.next()).toEqual({ type: "for.all" });
  expect([(await here.next()).type, (await here.next()).type].sort()).toEqual(["for.all", "for.here"]);
});

it("reaches them also while the server is away", async () => {
  const here = await member();
  await redis.kill();
  await eventually(() => expect(here.layer.groupSend("room", { type: "lost" })).rejects.toThrow());
  await here.layer.groupSendLocal("room", { type: "for.here" });
  expect(await here.next()).toEqual({ type: "for.here" });
  await redis.restart();
});
