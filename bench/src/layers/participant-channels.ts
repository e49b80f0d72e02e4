import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";
import { ReceivedCounter, serve } from "./participant.ts";
import { MESSAGE_TEXT } from "./plan.ts";

/** A process with one member in each group, on one of our layers. */
const { kind, url, prefix } = JSON.parse(process.argv[2] ?? "{}");

const options = { hosts: [url], prefix, capacity: 1_000_000 };
const layer =
  kind === "pubsub" ? new RedisPubSubLayer(options) : new RedisQueueLayer({ ...options, inboxCapacity: 1_000_000 });
await layer.ready();
const received = new ReceivedCounter();
const channel = layer.newChannel();
const frame = {};
await layer.subscribe(channel, {
  deliver: (delivery) => {
    // Encodes once per process, however many members it has, as consumers do.
    delivery.shared(frame, (message) => JSON.stringify(message));
    received.count(Number(delivery.message.sentUs));
    return true;
  },
  layerGap: () => {
    throw new Error("Expected the benchmark's Redis to stay up, but the connection was lost.");
  },
});
await serve(
  {
    join: (group) => layer.groupAdd(group, channel),
    // What is lost is missing from the count of those received.
    send: (group, sentUs) =>
      layer.groupSend(group, { type: "chat.message", sentUs, text: MESSAGE_TEXT }).then(
        () => undefined,
        () => undefined,
      ),
  },
  received,
);
