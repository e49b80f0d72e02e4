import type { RedisLayerOptions } from "../redis-layer-options.ts";
import type { WorkOptions } from "../work/work-options.ts";
import type { ExpiryRule } from "./message-expiry.ts";

export interface RedisQueueOptions extends RedisLayerOptions {
  /**
   * Messages that may wait on the server for one process, whose channels share one queue there. Each channel's own
   * `capacity` applies behind it, in the process.
   * @default 10_000
   */
  readonly inboxCapacity?: number;
  /**
   * Expiries that differ from `expiryMs`, by channel name; the first matching rule applies. Meant for channels of work
   * whose messages may wait longer than live events. The sender needs the rule; Python senders apply their own.
   * @default []
   */
  readonly channelExpiry?: readonly ExpiryRule[];
  /**
   * Sends of this process to one group with a history that the server has not answered; one more is rejected with `ChannelFull`.
   * 1 to 1_000_000.
   * @default 1_000
   */
  readonly maxGroupSends?: number;
  /** Options of acknowledged work. */
  readonly work?: WorkOptions;
}
