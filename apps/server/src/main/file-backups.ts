import { dirname, join } from "node:path";
import { type CopiedContents, copyContents, verifyContents } from "../files/index.ts";
import { FolderStorage } from "../storage/folder-storage.ts";
import { hasContent, listContentsOf } from "../store/sqlite/maintenance/list-contents.ts";

/** The folder beside the backups that has their files, each content once, however many backups have it. */
const FOLDER = "multichat-files";

export type { CopiedContents };

const NOTHING: CopiedContents = { copied: 0, present: 0, bytes: 0, missing: [], damaged: [] };

function folderOf(backup: string): string {
  return join(dirname(backup), FOLDER);
}

/**
 * Copies the files of a backup's messages to the folder beside it. Contents never change, so those of earlier backups are there
 * already. What the database does not have any more, because its message was deleted meanwhile, is not missing.
 */
export async function backupFiles(
  backup: string,
  { filesDir, databaseFile }: { readonly filesDir: string; readonly databaseFile: string },
): Promise<CopiedContents> {
  if (isEmpty(backup)) return NOTHING;
  const to = await FolderStorage.open(folderOf(backup));
  const from = FolderStorage.at(filesDir);
  const result = await copyContents(listContentsOf(backup), from, to);
  return { ...result, missing: result.missing.filter((key) => hasContent(databaseFile, key)) };
}

/** Copies the files that a backup's messages have from the folder beside it, as far as they are not there. */
export async function restoreFiles(
  backup: string,
  { filesDir }: { readonly filesDir: string },
): Promise<CopiedContents> {
  if (isEmpty(backup)) return NOTHING;
  return await copyContents(
    listContentsOf(backup),
    FolderStorage.at(folderOf(backup)),
    await FolderStorage.open(filesDir),
  );
}

/** Reads the files of a restored backup in the folder beside it. @param database the restored database */
export async function verifyFiles(
  backup: string,
  database: string,
): Promise<Pick<CopiedContents, "present" | "missing" | "damaged">> {
  if (isEmpty(database)) return NOTHING;
  return await verifyContents(listContentsOf(database), FolderStorage.at(folderOf(backup)));
}

/** Without files no folder is created. */
function isEmpty(database: string): boolean {
  const [first] = listContentsOf(database);
  return first === undefined;
}

/** Returns what is wrong, in a few lines. */
export function describeProblems({ missing, damaged }: Pick<CopiedContents, "missing" | "damaged">): readonly string[] {
  const describe = (keys: readonly string[], what: string) =>
    keys.length === 0
      ? []
      : [`${keys.length} of the files ${what}: ${keys.slice(0, 3).join(", ")}${keys.length > 3 ? ", …" : ""}`];
  return [...describe(missing, "are missing"), ...describe(damaged, "are damaged")];
}
