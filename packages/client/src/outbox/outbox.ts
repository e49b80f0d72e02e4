import type { Readable } from "../core/readable.ts";
import type { OutboxMessage } from "../model/outbox-message.ts";

/** The user's unsent messages of all rooms, oldest first. */
export interface Outbox extends Readable<readonly OutboxMessage[]> {
  /** Sends a failed message again. Does nothing for a message that has not failed. */
  readonly retry: (clientId: string) => void;
  /** Removes an unsent message. A message that was already sent to the server may still be posted. */
  readonly discard: (clientId: string) => void;
}
