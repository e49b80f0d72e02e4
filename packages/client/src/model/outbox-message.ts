import type { ErrorCode, Message, MessageFile, QuotedMessage } from "@multichat/protocol";
import type { LocalFailureCode } from "./errors.ts";

/** An unsent message, as a UI shows it. */
export type OutboxMessage = {
  /** A UUIDv7. The server posts one message per `clientId`, and answers a repeated send as it answered the first. */
  readonly clientId: string;
  readonly room: string;
  readonly body: string;
  /** The message that it replies to, with its latest known content; null when it is not a reply. */
  readonly replyTo: QuotedMessage | null;
  /** Left out where there are none. */
  readonly files?: readonly MessageFile[];
  /** Milliseconds since 1970, by this device's clock. */
  readonly createdAt: number;
} & OutboxState;

export type OutboxState =
  /** Waiting for a connection or for earlier messages, or sent and not yet answered. */
  | { readonly state: "pending" }
  /** The server posted it at this seq; earlier events of the room have not arrived yet. */
  | { readonly state: "sent"; readonly seq: number }
  /** The server refused it. It stays until it is retried or discarded. */
  | { readonly state: "failed"; readonly code: ErrorCode | LocalFailureCode; readonly message: string };

/** An unsent message, as an `OutboxStorage` stores it. */
export interface OutboxRecord {
  readonly clientId: string;
  readonly room: string;
  readonly body: string;
  readonly replyTo: QuotedMessage | null;
  /** Left out where there are none. */
  readonly files?: readonly MessageFile[];
  readonly createdAt: number;
  /** The id of the author: the message is sent for no other user. null: it was not known who was signed in. */
  readonly author: string | null;
  /** The tab (or process) that sends it. When that one is closed, another tab adopts the message. */
  readonly owner: string;
  readonly failed: { readonly code: ErrorCode | LocalFailureCode; readonly message: string } | null;
}

/** A message that was added to the outbox. */
export interface SentMessage {
  readonly clientId: string;
  /** Resolves with the message as the server posted it; rejects with MessageFailed. It can be ignored. */
  readonly delivered: Promise<Message>;
}

export interface SendOptions {
  /** The message of the same room that this one replies to. */
  readonly replyTo?: Message;
  /** What `client.files.upload` has returned for this room; with files, the text can be empty. */
  readonly files?: readonly MessageFile[];
}
