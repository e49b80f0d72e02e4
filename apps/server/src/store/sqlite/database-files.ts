import { access, chmod, constants, open, readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { createFolder } from "../durable-names.ts";
import { StoreError } from "../store-error.ts";
import { findSecondNames, nameStaged } from "./previous-database.ts";
import { toStoreError } from "./sqlite-errors.ts";

/** For their owner alone: the files hold password hashes and sessions. */
const FILE_MODE = 0o600;
const OTHERS = 0o077;

/** The database, and the files that SQLite keeps beside it. */
const SUFFIXES = ["", "-wal", "-shm"] as const;

/**
 * Creates the folder and the file where missing.
 *
 * @throws StoreError `cannot-open`: the folder cannot be created, the path is no file, or one of the two is not writable.
 */
export async function prepareDatabaseFile(file: string): Promise<void> {
  try {
    await createFolder(dirname(file));
    await assertRegular(file);
    await assertNotBeingReplaced(file);
    await (await open(file, "a", FILE_MODE)).close();
    // SQLite keeps files beside it.
    await access(dirname(await realpath(file)), constants.W_OK);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const { message } = toStoreError(error);
    const text = (await exists(file))
      ? `cannot open ${file} for writing: ${message}. Give it and its folder to the account that runs the server, which commands have to run as too, or set DATA_DIR to another folder.`
      : `cannot create the database ${file}: ${message}. Set DATA_DIR to a folder on a disk that this account can write to.`;
    throw new StoreError("cannot-open", text, { cause: error });
  }
}

/**
 * Returns the path of a database without symbolic links. SQLite keeps the latest changes, and we the lock of the server, beside
 * the name of the file: by a second name the database would be opened without them.
 *
 * @throws StoreError `cannot-open`: the file has another name, by a hard link or because it is a mount point itself.
 */
export async function resolveOnlyName(file: string): Promise<string> {
  const path = await realpath(file);
  const { nlink } = await stat(path);
  if (nlink > 1) {
    const [second] = await findSecondNames(path);
    if (second !== undefined) {
      throw new StoreError(
        "cannot-open",
        `expected one name for the database ${path}, but a restore that was interrupted has left ${second} too, which is the same, previous database. Run the same multichat restore again.`,
      );
    }
    throw new StoreError(
      "cannot-open",
      `expected one name for the database ${path}, but it has ${nlink} (hard links). A server that opens it by another name does not see its latest changes, and damages it. Find the others with find FOLDER -samefile '${path}' and remove them, but not this one. Links are no copies: exclude the file from tools that make them, and use multichat backup.`,
    );
  }
  if (isMountPoint(path, await readMounts())) {
    throw new StoreError(
      "cannot-open",
      `expected a folder to be mounted, but the database ${path} is mounted as a single file. Its latest changes are in files beside it, which stay behind. Mount the folder that holds it.`,
    );
  }
  return path;
}

/** The text of `/proc/self/mountinfo`; empty on systems without it. */
async function readMounts(): Promise<string> {
  return readFile("/proc/self/mountinfo", "utf8").catch(() => "");
}

/** Whether something is mounted at exactly this path. The fifth field of a line is its path, with some characters in octal. */
export function isMountPoint(path: string, mountInfo: string): boolean {
  return mountInfo.split("\n").some((line) => {
    const mounted = line.split(" ")[4] ?? "";
    return mounted.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))) === path;
  });
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

/** Opening a pipe would wait for its other end forever, and a device is no place for data. */
async function assertRegular(file: string): Promise<void> {
  const stats = await statIfExists(file);
  // Opening a folder fails by itself.
  if (stats !== undefined && !stats.isFile() && !stats.isDirectory())
    throw new Error("expected a regular file, got another kind of file");
}

/** On a disk without hard links a killed restore can have moved the database aside, and not yet replaced it. */
async function assertNotBeingReplaced(file: string): Promise<void> {
  if ((await statIfExists(file)) !== undefined || (await statIfExists(nameStaged(file))) === undefined) return;
  throw new StoreError(
    "cannot-open",
    `expected a database at ${file}, but a restore that was interrupted has left ${nameStaged(file)} instead. Run the same multichat restore again; the previous database begins with ${file}.before-. To start with an empty one, remove ${nameStaged(file)}.`,
  );
}

/** Whether there is a file that this account can see. */
async function exists(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function statIfExists(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
