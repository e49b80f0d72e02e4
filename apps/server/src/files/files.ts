import type { FileStorage } from "../storage/file-storage.ts";

export interface FilesOptions {
  readonly storage: FileStorage;
  /** Bytes of all files of a user, and of all users; null: any number. */
  readonly maxUserBytes: number | null;
  readonly maxTotalBytes: number | null;
  /** Called with what the storage fails with. */
  readonly onError: (error: unknown, task: string) => void;
}

/** Uploads of one user at the same time. */
const MAX_UPLOADS_OF_USER = 4;
/** Of all users: each has an open file and a window of memory. */
const MAX_UPLOADS = 200;

/** What the commands of files work with beside the context. */
export class Files implements FilesOptions {
  readonly storage: FileStorage;
  readonly maxUserBytes: number | null;
  readonly maxTotalBytes: number | null;
  readonly onError: (error: unknown, task: string) => void;
  /** Since the start: files that were uploaded, their bytes, and contents that were removed. */
  readonly totals = { uploads: 0, uploadedBytes: 0, removed: 0 };
  readonly #uploads = new Map<string, number>();
  #uploadCount = 0;

  constructor({ storage, maxUserBytes, maxTotalBytes, onError }: FilesOptions) {
    this.storage = storage;
    this.maxUserBytes = maxUserBytes;
    this.maxTotalBytes = maxTotalBytes;
    this.onError = onError;
  }

  /** Uploads that are under way. */
  get uploadCount(): number {
    return this.#uploadCount;
  }

  /** Returns a function that ends the upload; undefined: there are too many. */
  beginUpload(user: string): (() => void) | undefined {
    const own = this.#uploads.get(user) ?? 0;
    if (own >= MAX_UPLOADS_OF_USER || this.#uploadCount >= MAX_UPLOADS) return undefined;
    this.#uploads.set(user, own + 1);
    this.#uploadCount += 1;
    return () => {
      this.#uploadCount -= 1;
      const left = (this.#uploads.get(user) ?? 1) - 1;
      if (left === 0) this.#uploads.delete(user);
      else this.#uploads.set(user, left);
    };
  }
}
