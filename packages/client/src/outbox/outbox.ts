import type { Readable } from "../core/readable.ts";
import type { OutboxMessage } from "../model/outbox-message.ts";

/** Everything not yet sent from here, of all rooms, oldest first. */
export interface Outbox extends Readable<readonly OutboxMessage[]> {
  /** Sends a failed message again. Nothing happens to one that has not failed. */
  readonly retry: (clientId: string) => void;
  /** Throws an unsent message away. One that is on the wire at this moment may still be posted. */
  readonly discard: (clientId: string) => void;
}
