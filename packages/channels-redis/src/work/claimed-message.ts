import type { LayerMessage } from "@multichat/channels/layer";

/** A message that a worker has claimed. It stays in Redis until the worker settles it. */
export interface ClaimedMessage {
  readonly message: LayerMessage;
  /** The number of this attempt, from 1 on. */
  readonly attempt: number;
  /** Removes the message. @throws Error when the claim has lapsed, or the server is unavailable: the message is redelivered. */
  ack(): Promise<void>;
  /** Schedules another attempt after a delay; after the last attempt the message becomes a dead letter. */
  retry(error: unknown): Promise<void>;
  /** Makes the message a dead letter at once, because another attempt would not help. */
  deadLetter(error: unknown): Promise<void>;
}
