import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** For its owner alone, as the files in it. */
const FOLDER_MODE = 0o700;

/**
 * Creates a folder and its parents, whose names are on the disk when it returns: without that, a power cut could take a new folder
 * with all that was synced in it. Node's recursive `mkdir` never returns below `/proc`, which refuses with ENOENT.
 */
export async function createFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (stats?.isDirectory()) return;
  if (stats !== undefined) throw new Error(`expected a folder at ${folder}, got another kind of file`);
  const parent = dirname(folder);
  if (parent !== folder) await createFolder(parent);
  try {
    await mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  await syncToDisk(parent).catch((error: NodeJS.ErrnoException) => {
    // A parent may allow new names to this account, and not that it is read, which syncing needs.
    if (error.code !== "EACCES") throw error;
  });
}

/** Syncs the content of a file, or the names in a folder. */
export async function syncToDisk(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    await handle.sync();
  } catch (error) {
    // Windows cannot sync folders.
    if (process.platform !== "win32") throw error;
  } finally {
    await handle?.close();
  }
}
