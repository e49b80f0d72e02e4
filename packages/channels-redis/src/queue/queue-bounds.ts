import type { ResolvedLayerOptions } from "@multichat/channels/layer";
import type { MessageExpiry } from "./message-expiry.ts";
import type { QueueKeys } from "./queue-keys.ts";

export interface QueueBoundsContext {
  readonly keys: QueueKeys;
  readonly expiry: MessageExpiry;
  readonly options: ResolvedLayerOptions;
  readonly inboxCapacity: number;
}

/** A queue, and those of its channels that get a message. */
export type QueueEntry = readonly [queue: string, channels: readonly string[]];

/** Returns what the scripts take for a queue, but for the message. */
export function queueBounds(
  { keys, expiry, options, inboxCapacity }: QueueBoundsContext,
  [queue, channels]: QueueEntry,
): readonly (string | number)[] {
  const isNamed = queue === channels[0];
  return [
    expiry.cutoff(queue),
    expiry.seconds(queue),
    isNamed ? options.capacityOf(queue) : inboxCapacity,
    isNamed ? keys.workTopic(queue) : "",
  ];
}
