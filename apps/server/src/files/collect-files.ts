import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../context.ts";
import type { Files } from "./files.ts";
import { discard } from "./prepare-content.ts";

/** How long an upload waits for its message, and what belongs to no file stays. */
const ABANDONED_MS = 24 * 3_600_000;
/** How long a content stays after its last file: a download, and a backup that has copied the database, can still read it. */
const REMOVAL_DELAY_MS = 3_600_000;
/** Contents whose keys are looked up together. */
const LOOKUP_SIZE = 200;

export interface CollectionTimes {
  readonly abandonedMs?: number;
  readonly removalDelayMs?: number;
}

/**
 * Removes what nobody can reach any more: uploads that no message has taken, files of deleted rooms, and the contents that were
 * theirs alone. Several servers can do so at the same time. A message that takes an upload at this moment either has it, or is
 * refused.
 */
export async function collectFiles(
  { store }: Pick<Context, "store">,
  files: Files,
  { abandonedMs = ABANDONED_MS, removalDelayMs = REMOVAL_DELAY_MS }: CollectionTimes = {},
): Promise<void> {
  const now = Date.now();
  for (let hasMore = true; hasMore; ) {
    ({ hasMore } = await store.files.deleteAbandoned({ before: now - abandonedMs }));
  }
  for (;;) {
    const keys = await store.files.takeRemovals({ before: now - removalDelayMs });
    const removed: string[] = [];
    for (const key of keys) {
      try {
        await files.storage.delete(key);
        removed.push(key);
      } catch (error) {
        files.onError(error, "remove a file");
      }
    }
    files.totals.removed += removed.length;
    await store.files.deleteRemovals({ keys: removed });
    // What cannot be removed is tried again the next time.
    if (removed.length === 0) break;
  }
}

/** Removes what crashes have left: bodies that were not received to their end, and contents that never became a file. */
export async function sweepStorage(
  { store }: Pick<Context, "store">,
  files: Files,
  { abandonedMs = ABANDONED_MS }: Pick<CollectionTimes, "abandonedMs"> = {},
): Promise<void> {
  const before = Date.now() - abandonedMs;
  for (const name of await readdir(files.storage.incoming)) {
    const path = join(files.storage.incoming, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.mtimeMs < before) await discard(path);
  }
  let keys: string[] = [];
  const flush = async () => {
    const known = new Set(await store.files.findKnownKeys({ keys }));
    for (const key of keys) {
      if (known.has(key)) continue;
      await files.storage.delete(key);
      files.totals.removed += 1;
    }
    keys = [];
  };
  for await (const { key, storedAt } of files.storage.list()) {
    if (storedAt >= before) continue;
    keys.push(key);
    if (keys.length >= LOOKUP_SIZE) await flush();
  }
  await flush();
}
