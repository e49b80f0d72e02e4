import type { LayerMessage } from "@multichat/channels/layer";
import type { RedisLayerOptions } from "../redis-layer-options.ts";
import type { RedisCluster } from "./cluster-connection.ts";

export interface RedisPubSubOptions extends RedisLayerOptions {
  /** A Redis Cluster instead of `hosts`, by sharded pub/sub (Redis 7). channels_redis has no such mode. */
  readonly cluster?: RedisCluster;
  /**
   * Called once in this process for each message from the server, before its receivers. Returns whether to deliver it;
   * what it throws goes to `onError`, and the message is not delivered. Anything with access to the server can publish:
   * this is where a process checks what it is about to believe. Not called for what this process sends to its own
   * channels and by `groupSendLocal`.
   * @default delivers every message
   */
  readonly accept?: (message: LayerMessage, target: MessageTarget) => boolean;
}

/** The group, or else the channel, that a message was sent to. */
export type MessageTarget = { readonly group: string } | { readonly channel: string };
