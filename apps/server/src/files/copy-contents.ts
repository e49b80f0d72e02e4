import { createHash } from "node:crypto";
import type { FileStorage } from "../storage/file-storage.ts";
import { StorageError } from "../storage/file-storage.ts";
import { discard, writeContent } from "./prepare-content.ts";

/** A content that a database has. */
export interface ExpectedContent {
  readonly key: string;
  readonly hash: string;
  readonly bytes: number;
}

export interface CopiedContents {
  /** Contents that were copied, and those that were there already. */
  readonly copied: number;
  readonly present: number;
  /** Bytes that were copied. */
  readonly bytes: number;
  /** The keys of contents that are not there, and of those that are others than they were. */
  readonly missing: readonly string[];
  readonly damaged: readonly string[];
}

/** Copies contents from one storage into another one that may have some of them. Each is synced to disk, and is what it was. */
export async function copyContents(
  contents: Iterable<ExpectedContent>,
  from: Pick<FileStorage, "read">,
  to: FileStorage,
): Promise<CopiedContents> {
  let [copied, present, bytes] = [0, 0, 0];
  const missing: string[] = [];
  const damaged: string[] = [];
  for (const expected of contents) {
    if ((await to.size(expected.key)) === expected.bytes) {
      present += 1;
      continue;
    }
    try {
      const written = await writeContent(to.incoming, await from.read(expected.key));
      if (written.hash === expected.hash) {
        await to.put(written.path, expected.key);
        copied += 1;
        bytes += written.bytes;
      } else {
        await discard(written.path);
        damaged.push(expected.key);
      }
    } catch (error) {
      if (!(error instanceof StorageError && error.isMissing)) throw error;
      missing.push(expected.key);
    }
  }
  return { copied, present, bytes, missing, damaged };
}

/** Reads contents, and finds those that are not there and those that are others than they were. */
export async function verifyContents(
  contents: Iterable<ExpectedContent>,
  storage: Pick<FileStorage, "read">,
): Promise<Pick<CopiedContents, "present" | "missing" | "damaged">> {
  let present = 0;
  const missing: string[] = [];
  const damaged: string[] = [];
  for (const { key, hash } of contents) {
    try {
      const found = createHash("sha256");
      for await (const chunk of await storage.read(key)) found.update(chunk as Buffer);
      if (found.digest("hex") === hash) present += 1;
      else damaged.push(key);
    } catch (error) {
      if (!(error instanceof StorageError && error.isMissing)) throw error;
      missing.push(key);
    }
  }
  return { present, missing, damaged };
}
