import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OutboxRecord, OutboxStorage } from "../model/outbox-message.ts";

const ENDING = ".json";

/**
 * Keeps unsent messages in a folder, a file each, synced to the disk before `put` resolves. For one process at a time: a process
 * that starts takes over what it finds.
 * @param folder made when it is not there
 */
export function fileOutbox(folder: string): OutboxStorage {
  const made = (): Promise<unknown> => mkdir(folder, { recursive: true });
  const pathOf = (clientId: string): string => {
    // A client id names the file; the client makes them itself, and from elsewhere nothing else gets in.
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(clientId)) {
      throw new TypeError(`Expected a client id of 1 to 64 letters, digits, - or _, got ${JSON.stringify(clientId)}.`);
    }
    return join(folder, `${clientId}${ENDING}`);
  };
  return {
    async all() {
      await made();
      const names = (await readdir(folder)).filter((name) => name.endsWith(ENDING));
      // Whole or not there: each was written beside its place and moved into it.
      return await Promise.all(
        names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as OutboxRecord),
      );
    },
    async put(record) {
      const path = pathOf(record.clientId);
      await made();
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
