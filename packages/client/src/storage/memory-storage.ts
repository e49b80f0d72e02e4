import type { OutboxRecord, OutboxStorage } from "../model/outbox-message.ts";
import type { StateStorage } from "./state-storage.ts";

/** Keeps unsent messages as long as the process lives. */
export function memoryOutbox(): OutboxStorage {
  const records = new Map<string, OutboxRecord>();
  return {
    all: async () => [...records.values()],
    put: async (record) => void records.set(record.clientId, record),
    delete: async (clientId) => void records.delete(clientId),
  };
}

/** Keeps rooms and pages as long as the process lives: for tests, and for a client that is made anew within one process. */
export function memoryStorage(): StateStorage {
  const values = new Map<string, unknown>();
  return {
    entries: async () => new Map([...values].map(([key, value]) => [key, structuredClone(value)])),
    put: async (key, value) => void values.set(key, structuredClone(value)),
    delete: async (key) => void values.delete(key),
    clear: async () => values.clear(),
  };
}
