import { constants } from "node:fs";
import { access, open, opendir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { createFolder, syncToDisk } from "../store/durable-names.ts";
import { asStorageError, type ByteRange, type FileStorage, type StoredObject } from "./file-storage.ts";

/** Keys become names of files. Two letters of each are a folder, so that none holds too many. */
const KEY = /^[0-9a-z][0-9a-z-]{2,199}$/;
const SHARD = /^[0-9a-z][0-9a-z-]$/;
const INCOMING = "incoming";

/** Keeps contents as files in a folder, which several servers can share. */
export class FolderStorage implements FileStorage {
  readonly incoming: string;
  readonly #folder: string;
  /** Folders whose names are on the disk. */
  readonly #shards = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
    this.incoming = join(folder, INCOMING);
  }

  /** The folder as it is, to look into it. */
  static at(folder: string): Pick<FileStorage, "read" | "size"> {
    return new FolderStorage(folder);
  }

  /** Creates the folder where it does not exist. */
  static async open(folder: string): Promise<FolderStorage> {
    const storage = new FolderStorage(folder);
    await createFolder(storage.incoming);
    return storage;
  }

  async put(path: string, key: string): Promise<void> {
    const target = this.#pathOf(key);
    const shard = this.#shardOf(key);
    try {
      if (!this.#shards.has(shard)) {
        await createFolder(shard);
        this.#shards.add(shard);
      }
      await rename(path, target);
      await syncToDisk(shard);
    } catch (error) {
      this.#shards.delete(shard);
      throw asStorageError(error, "store a file");
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    try {
      const handle = await open(this.#pathOf(key), "r");
      return handle.createReadStream({ ...range, highWaterMark: 256 * 1_024 });
    } catch (error) {
      throw asStorageError(error, "read a file");
    }
  }

  async size(key: string): Promise<number | undefined> {
    try {
      return (await stat(this.#pathOf(key))).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw asStorageError(error, "look for a file");
    }
  }

  async delete(key: string): Promise<void> {
    try {
      await rm(this.#pathOf(key), { force: true });
    } catch (error) {
      throw asStorageError(error, "delete a file");
    }
  }

  async *list(): AsyncIterable<StoredObject> {
    for await (const shard of await opendir(this.#folder)) {
      if (!shard.isDirectory() || !SHARD.test(shard.name)) continue;
      for await (const { name } of await opendir(join(this.#folder, shard.name))) {
        if (!KEY.test(name)) continue;
        const found = await stat(join(this.#folder, shard.name, name)).catch(() => undefined);
        if (found?.isFile()) yield { key: name, bytes: found.size, storedAt: found.mtimeMs };
      }
    }
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  async check(): Promise<void> {
    try {
      await access(this.incoming, constants.W_OK);
    } catch (error) {
      throw asStorageError(error, `write to ${this.incoming}`);
    }
  }

  #shardOf(key: string): string {
    return join(this.#folder, key.slice(0, 2));
  }

  #pathOf(key: string): string {
    if (!KEY.test(key)) throw new Error(`expected a key of a file, got ${JSON.stringify(key)}`);
    return join(this.#shardOf(key), key);
  }
}
