import { GroupControl } from "@multichat/channels";
import { Inbox } from "@multichat/channels/testing";
import { RedisPubSubLayer, RedisQueueLayer } from "@multichat/channels-redis";

/** A process that answers for a member of a group, until it is killed. */
const { kind, options, group } = JSON.parse(process.argv[2] ?? "{}");

const layer = kind === "pubsub" ? new RedisPubSubLayer(options) : new RedisQueueLayer(options);
await GroupControl.start(layer, { processName: "the killed one" });
const channel = layer.newChannel();
await layer.subscribe(channel, new Inbox());
await layer.groupAdd(group, channel);
console.log("joined");
