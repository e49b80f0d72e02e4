import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { OutboxRecord } from "../model/outbox-message.ts";
import type { OutboxStorage } from "./outbox-storage.ts";

const EXTENSION = ".json";

/**
 * Returns a storage that writes each unsent message to a file, and syncs it to the disk before `put` resolves. One process at a
 * time can use a folder; a process that starts adopts the messages in it. A file that is not whole, such as one that another
 * program has changed, stays in the folder and is left out.
 * @param folder created when it does not exist
 */
export function fileOutbox(folder: string): OutboxStorage {
  const ensureFolder = async (): Promise<void> => {
    const firstCreated = await mkdir(folder, { recursive: true });
    if (firstCreated === undefined) return;
    // A new folder, too, is there after a power cut only once the one that holds it is synced.
    for (let created = folder; ; created = dirname(created)) {
      await syncFolder(dirname(created));
      if (created === firstCreated || created === dirname(created)) return;
    }
  };
  const pathOf = (clientId: string): string => {
    // The client id becomes a file name, so it must not contain a path.
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(clientId)) {
      throw new TypeError(`Expected a client id of 1 to 64 letters, digits, - or _, got ${JSON.stringify(clientId)}.`);
    }
    return join(folder, `${clientId}${EXTENSION}`);
  };
  return {
    async all() {
      await ensureFolder();
      const names = (await readdir(folder)).filter((name) => name.endsWith(EXTENSION));
      // Files are complete: each is written under another name and renamed.
      const read = await Promise.allSettled(
        names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as OutboxRecord),
      );
      return read.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    },
    async put(record) {
      const path = pathOf(record.clientId);
      await ensureFolder();
      const file = await open(`${path}.part`, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify(record));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.part`, path);
      await syncFolder(folder);
    },
    async delete(clientId) {
      await rm(pathOf(clientId), { force: true });
    },
  };
}

/** Makes the names in a folder durable. Windows cannot, and does so by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
