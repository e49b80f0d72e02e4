import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OutboxRecord } from "../model/outbox-message.ts";
import type { OutboxStorage } from "./outbox-storage.ts";

const EXTENSION = ".json";

/**
 * Returns a storage that writes each unsent message to a file, and syncs it to the disk before `put` resolves. One process at a
 * time can use a folder; a process that starts adopts the messages in it.
 * @param folder created when it does not exist
 */
export function fileOutbox(folder: string): OutboxStorage {
  const ensureFolder = (): Promise<unknown> => mkdir(folder, { recursive: true });
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
      return await Promise.all(
        names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as OutboxRecord),
      );
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
    },
    async delete(clientId) {
      await rm(pathOf(clientId), { force: true });
    },
  };
}
