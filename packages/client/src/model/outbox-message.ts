import type { ErrorCode, QuotedMessage } from "@multichat/protocol";
import type { LocalFailureCode } from "./errors.ts";

/** A message on its way out, as a person sees it. */
export type OutboxMessage = {
  /** A UUIDv7; the server answers the same one twice alike and posts it once. */
  readonly clientId: string;
  readonly room: string;
  readonly body: string;
  /** The message that it answers, as that one is now, as far as is known here; null: it answers none. */
  readonly replyTo: QuotedMessage | null;
  /** Milliseconds since 1970, by this device's clock. */
  readonly createdAt: number;
} & OutboxState;

export type OutboxState =
  /** Waiting for a connection or for its turn, or sent and not yet answered. */
  | { readonly state: "pending" }
  /** The server has it, at this place in the room's log; earlier events of the room are still on their way here. */
  | { readonly state: "sent"; readonly seq: number }
  /** The server refused it. It stays until it is retried or discarded. */
  | { readonly state: "failed"; readonly code: ErrorCode | LocalFailureCode; readonly message: string };

/** A message as it is kept across reloads. */
export interface OutboxRecord {
  readonly clientId: string;
  readonly room: string;
  readonly body: string;
  readonly replyTo: QuotedMessage | null;
  readonly createdAt: number;
  /** The id of the person who wrote it: nobody else may send it. null: nobody was known to be signed in. */
  readonly author: string | null;
  /** The tab (or process) that sends it; another adopts it when that one is gone. */
  readonly owner: string;
  readonly failed: { readonly code: ErrorCode | LocalFailureCode; readonly message: string } | null;
}

/**
 * Where unsent messages are kept. The client calls in order and waits for each; a rejection does not stop sending, it only
 * means that a reload may lose what could not be kept (reported through `onStorageError`).
 */
export interface OutboxStorage {
  all(): Promise<readonly OutboxRecord[]>;
  put(record: OutboxRecord): Promise<void>;
  delete(clientId: string): Promise<void>;
}
