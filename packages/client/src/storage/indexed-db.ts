import type { OutboxRecord, OutboxStorage } from "../model/outbox-message.ts";
import type { StateStorage } from "./state-storage.ts";

const OUTBOX = "outbox";
const STATE = "state";

/** Keeps unsent messages in the browser. @param name of the database @default "multichat" */
export function indexedDbOutbox(name = "multichat"): OutboxStorage {
  const run = database(name);
  return {
    // What was put in is what comes out: nobody else writes into this store.
    all: () => run(OUTBOX, "readonly", (store) => store.getAll() as IDBRequest<OutboxRecord[]>),
    put: async (record) => void (await run(OUTBOX, "readwrite", (store) => store.put(record, record.clientId))),
    delete: async (clientId) => void (await run(OUTBOX, "readwrite", (store) => store.delete(clientId))),
  };
}

/** Keeps rooms, last pages and cursors in the browser. @param name of the database @default "multichat" */
export function indexedDbStorage(name = "multichat"): StateStorage {
  const run = database(name);
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

type Run = <T>(store: string, mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest<T>) => Promise<T>;

/** Opened with the first use, and again after it was closed from outside (a deleted database, a newer version in another tab). */
function database(name: string): Run {
  let opening: Promise<IDBDatabase> | undefined;
  return async (storeName, mode, use) => {
    opening ??= open(name, () => {
      opening = undefined;
    });
    const mine = opening;
    const db = await mine.catch((error: unknown) => {
      if (opening === mine) opening = undefined;
      throw error;
    });
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(storeName, mode);
      const request = use(transaction.objectStore(storeName));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  };
}

function open(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    // Throws where a page may not have one (a sandboxed frame).
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(OUTBOX);
      request.result.createObjectStore(STATE);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const db = request.result;
      db.onclose = closed;
      db.onversionchange = () => {
        closed();
        db.close();
      };
      resolve(db);
    };
  });
}
