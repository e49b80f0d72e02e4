import type { OutboxRecord } from "../model/outbox-message.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import type { StateStorage } from "./state-storage.ts";

/** Returns a storage that holds unsent messages as long as the process runs. */
export function memoryOutbox(): OutboxStorage {
  const records = new Map<string, OutboxRecord>();
  return {
    all: async () => [...records.values()],
    put: async (record) => void records.set(record.clientId, record),
    delete: async (clientId) => void records.delete(clientId),
  };
}

/** Returns a storage that holds state as long as the process runs: for tests, and for a client that is recreated in it. */
export function memoryStorage(): StateStorage {
  const values = new Map<string, unknown>();
  return {
    entries: async () => new Map([...values].map(([key, value]) => [key, structuredClone(value)])),
    put: async (key, value) => void values.set(key, structuredClone(value)),
    delete: async (key) => void values.delete(key),
    clear: async () => values.clear(),
  };
}
