import { type CommandOf, LIMITS, type Message } from "@multichat/protocol";
import type { MessageFailed } from "../model/errors.ts";
import type { OutboxMessage, OutboxRecord, OutboxState } from "../model/outbox-message.ts";

/** A message in the outbox, and who waits for it. */
export interface OutboxEntry {
  record: OutboxRecord;
  /** What a person sees; made anew with every change. */
  shown: OutboxMessage;
  onWire: boolean;
  /** How often it met a fault of the server, or was not let into its room. */
  faults: number;
  resolve(message: Message): void;
  reject(error: MessageFailed): void;
}

export const PENDING: OutboxState = { state: "pending" };

export function shownAs({ clientId, room, body, replyTo, createdAt }: OutboxRecord, state: OutboxState): OutboxMessage {
  return { clientId, room, body, replyTo, createdAt, ...state };
}

/** The state that a record is in when it comes from the storage. */
export function stateOf({ failed }: OutboxRecord): OutboxState {
  return failed === null ? PENDING : { state: "failed", ...failed };
}

/** What is asked of the server. */
export function sending({ clientId, room, body, replyTo }: OutboxRecord): Omit<CommandOf<"message.send">, "id" | "do"> {
  return { room, clientId, body, ...(replyTo === null ? {} : { replyTo: replyTo.id }) };
}

/** A frame over the limit would cost the connection, and be sent again over the next one. @returns what a person is told. */
export function tooLarge(record: OutboxRecord): string | undefined {
  const frame = JSON.stringify({ id: Number.MAX_SAFE_INTEGER, do: "message.send", ...sending(record) });
  const bytes = new TextEncoder().encode(frame).length;
  if (bytes <= LIMITS.frameBytes) return undefined;
  return `The message takes ${bytes} bytes; at most ${LIMITS.frameBytes} can be sent. Make it shorter.`;
}
