import { createInterface } from "node:readline";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";

/** A group member in a process of its own: prints what it receives, and sends the types that it reads from its input. */
const { kind, options, group } = JSON.parse(process.argv[2] ?? "{}");

const layer = kind === "pubsub" ? new RedisPubSubLayer(options) : new RedisQueueLayer(options);
const channel = layer.newChannel();
await layer.subscribe(channel, {
  deliver: ({ message }) => {
    console.log(JSON.stringify(message));
    return true;
  },
  layerGap: () => console.log("gap"),
});
await layer.groupAdd(group, channel);
console.log("joined");
for await (const type of createInterface({ input: process.stdin })) await layer.groupSend(group, { type });
