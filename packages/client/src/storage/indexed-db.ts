import type { OutboxRecord } from "../model/outbox-message.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import type { StateStorage } from "./state-storage.ts";

const OUTBOX = "outbox";
const STATE = "state";

/** Returns a storage of unsent messages in the browser. @param name the database's name @default "multichat" */
export function indexedDbOutbox(name = "multichat"): OutboxStorage {
  const run = openOnDemand(name);
  return {
    // Nothing else writes into this object store, so it holds records.
    all: () => run(OUTBOX, "readonly", (store) => store.getAll() as IDBRequest<OutboxRecord[]>),
    put: async (record) => void (await run(OUTBOX, "readwrite", (store) => store.put(record, record.clientId))),
    delete: async (clientId) => void (await run(OUTBOX, "readwrite", (store) => store.delete(clientId))),
  };
}

/** Returns a storage of rooms, messages and log positions in the browser. @param name the database's name @default "multichat" */
export function indexedDbStorage(name = "multichat"): StateStorage {
  const run = openOnDemand(name);
  return {
    async entries() {
      const [keys, values] = await Promise.all([
        run(STATE, "readonly", (store) => store.getAllKeys()),
        run(STATE, "readonly", (store) => store.getAll()),
      ]);
      return new Map(keys.map((key, index) => [String(key), values[index]]));
    },
    put: async (key, value) => void (await run(STATE, "readwrite", (store) => store.put(value, key))),
    delete: async (key) => void (await run(STATE, "readwrite", (store) => store.delete(key))),
    clear: async () => void (await run(STATE, "readwrite", (store) => store.clear())),
  };
}

type Run = <T>(
  storeName: string,
  mode: IDBTransactionMode,
  request: (store: IDBObjectStore) => IDBRequest<T>,
) => Promise<T>;

/** Opens the database with the first use, and again after it was closed (deleted, or upgraded in another tab). */
function openOnDemand(name: string): Run {
  let database: Promise<IDBDatabase> | undefined;
  return async (storeName, mode, request) => {
    database ??= open(name, () => {
      database = undefined;
    });
    const opening = database;
    const db = await opening.catch((error: unknown) => {
      if (database === opening) database = undefined;
      throw error;
    });
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(storeName, mode);
      const pending = request(transaction.objectStore(storeName));
      transaction.oncomplete = () => resolve(pending.result);
      transaction.onabort = () => reject(transaction.error ?? pending.error);
    });
  };
}

function open(name: string, onClose: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Throws in a page that has no database (a sandboxed frame).
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(OUTBOX);
      request.result.createObjectStore(STATE);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      db.onclose = onClose;
      db.onversionchange = () => {
        onClose();
        db.close();
      };
      resolve(db);
    };
  });
}
