import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { Received, serve } from "./party.ts";
import { text } from "./plan.ts";

/** A process with one member in each group, on a layer of ours. */
const { kind, url, prefix } = JSON.parse(process.argv[2] ?? "{}");

const options = { hosts: [url], prefix, capacity: 1_000_000 };
const layer =
  kind === "pubsub" ? new RedisPubSubLayer(options) : new RedisQueueLayer({ ...options, inboxCapacity: 1_000_000 });
await layer.ready();
const received = new Received();
const channel = layer.newChannel();
const frame = {};
await layer.subscribe(channel, {
  deliver: (delivery) => {
    // As a consumer does, once a process however many its members are.
    delivery.shared(frame, (message) => JSON.stringify(message));
    received.one(Number(delivery.message.sentUs));
    return true;
  },
  layerGap: () => {
    throw new Error("The benchmark's Redis went away.");
  },
});
await serve(
  {
    join: (group) => layer.groupAdd(group, channel),
    send: (group, sentUs) => layer.groupSend(group, { type: "chat.message", sentUs, text }).catch(() => undefined),
  },
  received,
);
