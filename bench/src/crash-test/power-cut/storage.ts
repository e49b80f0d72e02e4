import { dirname } from "node:path";
import { Random } from "../../clients/random.ts";
import type { StorageRecord } from "./storage-record.ts";
import { type Leftover, StoredFile } from "./stored-file.ts";

/** What is on a disk: the folders and the files below one folder, by their relative paths. */
export interface DiskState {
  readonly folders: readonly string[];
  readonly files: ReadonlyMap<string, Buffer>;
}

/** The states that a power cut is modeled to leave, from the least to the most that reaches the disk. */
export const CUT_KINDS = ["nothing", "ordered", "pages", "sectors", "files", "everything"] as const;
export type CutKind = (typeof CUT_KINDS)[number];

/** Whose syncs are ignored, as by a disk that lies, so that a run must find losses. */
export const IGNORABLE_SYNCS = ["wal", "database", "folders"] as const;
export type IgnoredSync = (typeof IGNORABLE_SYNCS)[number];

const PAGE_BYTES = 4_096;
const SECTOR_BYTES = 512;

type Entry = StoredFile | "folder";
type NameChange =
  | { readonly kind: "add"; readonly path: string; readonly entry: Entry }
  | { readonly kind: "remove"; readonly path: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string };
type OrderedNameChange = NameChange & { readonly order: number };

/**
 * A disk below a cache that forgets what was not synced, in the manner of ext4 with ordered data: what was written to a file
 * before a sync of that file began is durable once the sync has ended; of anything later each sector may be or not. Names
 * are stricter than on ext4: only a sync of their folder makes them durable, not one of the file; until then they are, in
 * the order of the changes, up to any one of them.
 */
export class Storage {
  readonly #ignored: IgnoredSync | undefined;
  /** What the system has, by inode. */
  readonly #files = new Map<number, StoredFile>();
  readonly #folders = new Map<number, string>();
  /** The syncs under way, by number. */
  readonly #syncs = new Map<number, { readonly begin: number; readonly file: StoredFile | undefined }>();
  readonly #names = new Map<string, Entry>();
  readonly #durableNames = new Map<string, Entry>();
  #pendingNames: OrderedNameChange[] = [];
  #order = 0;

  constructor({ ignored }: { readonly ignored?: IgnoredSync | undefined } = {}) {
    this.#ignored = ignored;
  }

  apply(record: StorageRecord): void {
    this.#order += 1;
    const order = this.#order;
    switch (record.kind) {
      case "start":
        this.#folders.set(record.root, "");
        break;
      case "create":
        this.#changeName({ kind: "add", path: record.path, entry: this.#create(record), order });
        break;
      case "link":
        this.#changeName({ kind: "add", path: record.path, entry: this.#fileOf(record.file), order });
        break;
      case "remove":
        // Sockets have names too, which are not recorded.
        if (this.#names.has(record.path)) this.#changeName({ kind: "remove", path: record.path, order });
        break;
      case "rename":
        if (this.#names.get(record.from) === "folder") throw new Error("Expected no folder to be renamed.");
        this.#changeName({ kind: "rename", from: record.from, to: record.to, order });
        break;
      case "write":
        this.#fileOf(record.file).change({ kind: "write", order, offset: record.offset, data: record.data });
        break;
      case "truncate":
      case "allocate":
        this.#fileOf(record.file).change({ kind: record.kind, order, size: record.size });
        break;
      case "sync-begin":
        this.#syncs.set(record.sync, { begin: order, file: this.#files.get(record.file) });
        break;
      case "sync-end":
        this.#endSync(record.sync, record.file);
        break;
    }
  }

  /** Returns the path of a file that is there; undefined for others. */
  pathOf(inode: number): string | undefined {
    const file = this.#files.get(inode);
    return file === undefined ? undefined : this.#pathOfFile(file);
  }

  /** Returns what the system shows, with everything that it has not written yet. */
  current(): DiskState {
    return toState(this.#names, (file) => file.contentAfterCut({ kind: "everything" }, new Random(0)));
  }

  /** Returns a state that a power cut could leave now. */
  stateAfterCut(kind: CutKind, random: Random): DiskState {
    switch (kind) {
      case "nothing":
        return this.#state(0, () => ({ kind }), random);
      case "everything":
        return this.#state(this.#pendingNames.length, () => ({ kind }), random);
      case "ordered": {
        // Mostly one of the last changes, because earlier ones are those of earlier cuts.
        const before = this.#order - Math.floor(random.exponential(20));
        const names = this.#pendingNames.filter(({ order }) => order < before).length;
        return this.#state(names, () => ({ kind, before }), random);
      }
      case "pages":
        return this.#state(this.#someNames(random), () => ({ kind: "units", unitBytes: PAGE_BYTES }), random);
      case "sectors":
        return this.#state(this.#someNames(random), () => ({ kind: "units", unitBytes: SECTOR_BYTES }), random);
      case "files":
        return this.#state(
          this.#someNames(random),
          () => ({ kind: random.chance(0.5) ? "everything" : "nothing" }),
          random,
        );
    }
  }

  #someNames(random: Random): number {
    return random.integerBelow(this.#pendingNames.length + 1);
  }

  #state(nameChanges: number, leftover: () => Leftover, random: Random): DiskState {
    const names = new Map(this.#durableNames);
    for (const change of this.#pendingNames.slice(0, nameChanges)) applyName(names, change);
    return toState(names, (file) => file.contentAfterCut(leftover(), random));
  }

  /** An inode that an earlier file or folder had may be used again. */
  #create({ file: inode, path, isFolder }: Extract<StorageRecord, { kind: "create" }>): Entry {
    this.#files.delete(inode);
    this.#folders.delete(inode);
    if (isFolder) {
      this.#folders.set(inode, path);
      return "folder";
    }
    const file = new StoredFile();
    this.#files.set(inode, file);
    return file;
  }

  #fileOf(inode: number): StoredFile {
    const file = this.#files.get(inode);
    if (file === undefined) throw new Error(`Expected a recorded file, got inode ${inode}.`);
    return file;
  }

  #changeName(change: OrderedNameChange): void {
    applyName(this.#names, change);
    this.#pendingNames.push(change);
  }

  #endSync(number: number, inode: number): void {
    const sync = this.#syncs.get(number);
    this.#syncs.delete(number);
    if (sync === undefined || this.#isIgnored(sync.file)) return;
    if (sync.file !== undefined) {
      sync.file.sync(sync.begin);
      return;
    }
    const folder = this.#folders.get(inode);
    if (folder === undefined) return;
    const last = this.#pendingNames.findLastIndex(
      (change) => change.order < sync.begin && parentsOf(change).includes(folder),
    );
    // The journal is written in order: what came before is durable too.
    for (const change of this.#pendingNames.splice(0, last + 1)) applyName(this.#durableNames, change);
  }

  #pathOfFile(file: StoredFile): string | undefined {
    for (const [path, entry] of this.#names) if (entry === file) return path;
    return undefined;
  }

  #isIgnored(file: StoredFile | undefined): boolean {
    if (this.#ignored === undefined) return false;
    if (file === undefined) return this.#ignored === "folders";
    const path = this.#pathOfFile(file) ?? "";
    if (this.#ignored === "wal") return path.endsWith("-wal");
    return this.#ignored === "database" && path.endsWith(".db");
  }
}

/** Returns the folders that a sync has to cover for a change of a name. */
function parentsOf(change: NameChange): readonly string[] {
  const paths = change.kind === "rename" ? [change.from, change.to] : [change.path];
  return paths.map((path) => dirname(path)).map((folder) => (folder === "." ? "" : folder));
}

function applyName(names: Map<string, Entry>, change: NameChange): void {
  switch (change.kind) {
    case "add":
      names.set(change.path, change.entry);
      break;
    case "remove":
      names.delete(change.path);
      break;
    case "rename": {
      const entry = names.get(change.from);
      names.delete(change.from);
      if (entry !== undefined) names.set(change.to, entry);
      break;
    }
  }
}

function toState(names: ReadonlyMap<string, Entry>, contentOf: (file: StoredFile) => Buffer): DiskState {
  const folders: string[] = [];
  const files = new Map<string, Buffer>();
  for (const [path, entry] of names) {
    if (entry === "folder") folders.push(path);
    else files.set(path, contentOf(entry));
  }
  return { folders: folders.sort(), files };
}
