import type { Readable } from "node:stream";

/**
 * Where the contents of uploaded files are, by keys that the caller chooses and gives to one content only. The database says
 * which keys belong to files. A server prepares a content as a file in `incoming`, and then hands it over.
 */
export interface FileStorage {
  /** A folder for contents that are being prepared. What a crash has left there is removed by the next server. */
  readonly incoming: string;
  /**
   * Takes a synced file from `incoming`. When this resolves, a power cut takes neither the content nor its key.
   *
   * @throws StorageError
   */
  put(path: string, key: string): Promise<void>;
  /** @throws StorageError with `isMissing` where there is no such content. */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** Returns the size of a content; undefined: there is none. */
  size(key: string): Promise<number | undefined>;
  /** Deletes a content, or nothing where there is none. */
  delete(key: string): Promise<void>;
  /** Lists the contents, in any order. Those that are added or deleted meanwhile may be in it. */
  list(): AsyncIterable<StoredObject>;
  /** Bytes that can still be stored; infinite where that is not known. */
  freeBytes(): Promise<number>;
  /** Rejects where nothing can be stored. */
  check(): Promise<void>;
}

/** The first and the last byte. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
}

/** A content cannot be stored or read. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  /** Whether there is no content of this key. */
  readonly isMissing: boolean;
  /** Whether there is no room for it. */
  readonly isFull: boolean;

  constructor(message: string, { cause }: { readonly cause: unknown }) {
    super(message, { cause });
    const { code } = cause as NodeJS.ErrnoException;
    this.isMissing = code === "ENOENT";
    this.isFull = code === "ENOSPC" || code === "EDQUOT";
  }
}

/** @throws StorageError where the system has failed, and anything else as it is. */
export function asStorageError(error: unknown, task: string): unknown {
  const isOfSystem = error instanceof Error && "syscall" in error;
  return isOfSystem ? new StorageError(`failed to ${task}: ${error.message}`, { cause: error }) : error;
}
