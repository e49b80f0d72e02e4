import { type CommandParams, LIMITS, type Message } from "@multichat/protocol";
import type { MessageFailed } from "../model/errors.ts";
import type { OutboxMessage, OutboxRecord, OutboxState } from "../model/outbox-message.ts";

/** A message in the outbox. */
export interface OutboxEntry {
  record: OutboxRecord;
  /** What a UI shows; a new object with every change. */
  shown: OutboxMessage;
  /** Whether the message was sent over this connection and waits for its reply. */
  isInFlight: boolean;
  /** How often sending it met a fault of the server, or the room was not joined. */
  faultCount: number;
  /** Settle the promise of `SentMessage.delivered`. */
  resolve(message: Message): void;
  reject(error: MessageFailed): void;
}

export const PENDING: OutboxState = { state: "pending" };

export function toOutboxMessage(record: OutboxRecord, state: OutboxState): OutboxMessage {
  const { clientId, room, body, replyTo, createdAt } = record;
  return { clientId, room, body, replyTo, createdAt, ...state };
}

/** Returns the state of a record that was read from the storage. */
export function storedState({ failed }: OutboxRecord): OutboxState {
  return failed === null ? PENDING : { state: "failed", ...failed };
}

export function sendParams({ clientId, room, body, replyTo }: OutboxRecord): CommandParams<"message.send"> {
  return { room, clientId, body, ...(replyTo === null ? {} : { replyTo: replyTo.id }) };
}

/**
 * Returns an error text when the message does not fit into a frame; otherwise undefined. The server closes the connection for a
 * frame that is too large, and the message would be sent again over the next one.
 */
export function describeOversize(record: OutboxRecord): string | undefined {
  const frame = JSON.stringify({ id: Number.MAX_SAFE_INTEGER, do: "message.send", ...sendParams(record) });
  const bytes = new TextEncoder().encode(frame).length;
  if (bytes <= LIMITS.frameBytes) return undefined;
  return `The message takes ${bytes} bytes; at most ${LIMITS.frameBytes} can be sent. Make it shorter.`;
}
