import type { Context } from "../context.ts";
import { FolderStorage } from "../storage/folder-storage.ts";

/** Counts the contents that files have, and finds those that are not in the folder, by their keys. Reads none of them. */
export async function findMissingFiles(
  { store }: Pick<Context, "store">,
  folder: string,
): Promise<{ readonly count: number; readonly missing: readonly string[] }> {
  const storage = FolderStorage.at(folder);
  const missing: string[] = [];
  let count = 0;
  for (let after = ""; ; ) {
    const page = await store.files.listContents({ after });
    for (const { key, bytes } of page) {
      count += 1;
      if ((await storage.size(key)) !== bytes) missing.push(key);
    }
    const last = page.at(-1);
    if (last === undefined) return { count, missing };
    after = last.key;
  }
}
