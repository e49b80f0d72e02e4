import type { CommandParams, Message } from "@multichat/protocol";
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
  const { clientId, room, body, replyTo, files, createdAt } = record;
  return { clientId, room, body, replyTo, ...(files === undefined ? {} : { files }), createdAt, ...state };
}

/** Orders records as they were written. Tabs that adopt the same messages send them in the same order. */
export function compareByTime(a: OutboxRecord, b: OutboxRecord): number {
  return a.createdAt - b.createdAt || (a.clientId < b.clientId ? -1 : 1);
}

/** Returns the state of a record that was read from the storage. */
export function storedState({ failed }: OutboxRecord): OutboxState {
  return failed === null ? PENDING : { state: "failed", ...failed };
}

export function sendParams({ clientId, room, body, replyTo, files }: OutboxRecord): CommandParams<"message.send"> {
  return {
    room,
    clientId,
    body,
    ...(replyTo === null ? {} : { replyTo: replyTo.id }),
    ...(files === undefined ? {} : { files: files.map(({ id }) => id) }),
  };
}

/** Returns the frame that the message is sent in, with the longest possible id. */
export function toFrame(record: OutboxRecord): string {
  return JSON.stringify({ id: Number.MAX_SAFE_INTEGER, do: "message.send", ...sendParams(record) });
}
