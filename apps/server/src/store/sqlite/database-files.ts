import { chmod, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { StoreError } from "../store-error.ts";
import { toStoreError } from "./sqlite-errors.ts";

/** For their owner alone: the files hold password hashes and sessions. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077;

/** The database, and the files that SQLite keeps beside it. */
const SUFFIXES = ["", "-wal", "-shm"] as const;

/**
 * Creates the folder and the file where missing.
 *
 * @throws StoreError `cannot-open`: the folder cannot be created, or the path is no file.
 */
export async function prepareDatabaseFile(file: string): Promise<void> {
  try {
    await createFolder(dirname(file));
    await assertRegular(file);
    await (await open(file, "a", FILE_MODE)).close();
  } catch (error) {
    const { message } = toStoreError(error);
    throw new StoreError(
      "cannot-open",
      `cannot create the database ${file}: ${message}. Set DATA_DIR to a folder on a disk that this account can write to.`,
      { cause: error },
    );
  }
}

/**
 * Takes the permissions of other accounts from an existing database. An operator may have copied it, or an umask may have
 * opened it.
 *
 * @returns the files that others could read or write, with their previous mode, such as `644`.
 */
export async function closePermissions(
  file: string,
): Promise<readonly { readonly file: string; readonly mode: string }[]> {
  const closed: { file: string; mode: string }[] = [];
  // Windows has no such modes.
  if (process.platform === "win32") return closed;
  for (const path of SUFFIXES.map((suffix) => `${file}${suffix}`)) {
    const stats = await statIfExists(path);
    if (!stats?.isFile() || (stats.mode & OTHERS) === 0) continue;
    await chmod(path, stats.mode & 0o777 & ~OTHERS);
    closed.push({ file: path, mode: (stats.mode & 0o777).toString(8) });
  }
  return closed;
}

/** Creates a folder and its parents. Node's recursive `mkdir` never returns below `/proc`, which refuses with ENOENT. */
async function createFolder(folder: string): Promise<void> {
  const stats = await statIfExists(folder);
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
}

/** Opening a pipe would wait for its other end forever, and a device is no place for data. */
async function assertRegular(file: string): Promise<void> {
  const stats = await statIfExists(file);
  // Opening a folder fails by itself.
  if (stats !== undefined && !stats.isFile() && !stats.isDirectory())
    throw new Error("expected a regular file, got another kind of file");
}

async function statIfExists(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
