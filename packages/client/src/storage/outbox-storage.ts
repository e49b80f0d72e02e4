import type { OutboxRecord } from "../model/outbox-message.ts";

/**
 * Stores unsent messages over a reload. The client makes one call at a time. A rejection does not stop sending: it means that
 * a reload may lose the message, and is reported to `onStorageError`.
 */
export interface OutboxStorage {
  all(): Promise<readonly OutboxRecord[]>;
  put(record: OutboxRecord): Promise<void>;
  delete(clientId: string): Promise<void>;
}
