import type { Clock } from "@multichat/channels/layer";
import type { Codec } from "../codec/codec.ts";
import type { MessageExpiry } from "../queue/message-expiry.ts";
import type { QueueConnection } from "../queue/queue-connection.ts";
import type { QueueKeys } from "../queue/queue-keys.ts";
import type { ResolvedWorkOptions } from "./work-options.ts";

/** What the acknowledged work on all channels of a layer shares. */
export interface WorkContext {
  readonly connections: readonly QueueConnection[];
  readonly keys: QueueKeys;
  readonly expiry: MessageExpiry;
  readonly clock: Clock;
  readonly options: ResolvedWorkOptions;
  readonly codec: Codec;
  readonly onError: (error: unknown, channel: string) => void;
}
