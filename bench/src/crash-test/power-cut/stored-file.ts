import type { Random } from "../../clients/random.ts";

/** A change of a file that no sync has covered yet. Orders grow with time, across all files. */
export type Change =
  | { readonly kind: "write"; readonly order: number; readonly offset: number; readonly data: Buffer }
  | { readonly kind: "truncate"; readonly order: number; readonly size: number }
  | { readonly kind: "allocate"; readonly order: number; readonly size: number };

/** How much of the changes that no sync has covered a power cut leaves on the disk. */
export type Leftover =
  /** What was synced. */
  | { readonly kind: "nothing" }
  /** What the system had in memory, as after `kill -9`. */
  | { readonly kind: "everything" }
  /** What came before one moment; of the write at that moment some sectors. */
  | { readonly kind: "ordered"; readonly before: number }
  /** Each unit of the file, a page or a sector, as it was at any moment since the sync, whatever the others are. */
  | { readonly kind: "units"; readonly unitBytes: number };

const SECTOR_BYTES = 512;
const MIN_CAPACITY = 4_096;
/** How likely it is that a unit has its latest content; one for each file, so that some lose one unit and some keep one. */
const LATEST_SHARES = [0.02, 0.2, 0.5, 0.8, 0.98] as const;

/** The content of a file: what a sync has made durable, and the changes since. */
export class StoredFile {
  #content = Buffer.alloc(0);
  #size = 0;
  #pending: Change[] = [];

  get isSynced(): boolean {
    return this.#pending.length === 0;
  }

  change(change: Change): void {
    this.#pending.push(change);
  }

  /** Makes durable what came before the sync began; of what came while it ran, nothing is certain. */
  sync(begin: number): void {
    for (const change of this.#pending) if (change.order < begin) this.#apply(change);
    this.#pending = this.#pending.filter(({ order }) => order >= begin);
  }

  /** Returns a content that a power cut could leave now. It shares no memory with this file. */
  contentAfterCut(leftover: Leftover, random: Random): Buffer {
    switch (leftover.kind) {
      case "nothing":
        return this.#written([], this.#size, this.#pending);
      case "everything":
        return this.#written(this.#pending, undefined, this.#pending);
      case "ordered":
        return this.#ordered(leftover.before, random);
      case "units":
        return this.#mixed(leftover.unitBytes, random);
    }
  }

  #apply(change: Change): void {
    switch (change.kind) {
      case "write": {
        const end = change.offset + change.data.length;
        this.#reserve(end);
        change.data.copy(this.#content, change.offset);
        this.#size = Math.max(this.#size, end);
        break;
      }
      case "truncate":
        this.#reserve(change.size);
        if (change.size < this.#size) this.#content.fill(0, change.size, this.#size);
        this.#size = change.size;
        break;
      case "allocate":
        this.#reserve(change.size);
        this.#size = Math.max(this.#size, change.size);
        break;
    }
  }

  /** Grows by half, so that appends do not copy the file each time. What is behind its end is zero. */
  #reserve(size: number): void {
    if (size <= this.#content.length) return;
    const grown = Buffer.alloc(Math.max(MIN_CAPACITY, size, Math.ceil(1.5 * this.#content.length)));
    this.#content.copy(grown, 0, 0, this.#size);
    this.#content = grown;
  }

  /** Returns the durable content with some changes, in a buffer that has room for all. */
  #written(changes: readonly Change[], wantedSize: number | undefined, all: readonly Change[]): Buffer {
    let size = this.#size;
    const buffer = Buffer.alloc(largestSize(this.#size, all));
    this.#content.copy(buffer, 0, 0, size);
    for (const change of changes) {
      if (change.kind === "write") {
        change.data.copy(buffer, change.offset);
        size = Math.max(size, change.offset + change.data.length);
      } else {
        if (change.kind === "truncate") buffer.fill(0, change.size);
        size = change.kind === "truncate" ? change.size : Math.max(size, change.size);
      }
    }
    return buffer.subarray(0, wantedSize ?? size);
  }

  #ordered(before: number, random: Random): Buffer {
    const changes = this.#pending.filter(({ order }) => order < before);
    const torn = this.#pending.find(({ order }) => order === before);
    if (torn?.kind === "write") changes.push(tear(torn, random));
    return this.#written(changes, undefined, this.#pending);
  }

  #mixed(unitBytes: number, random: Random): Buffer {
    // A truncation gives the blocks behind it back, and what is written there afterwards gets others. So truncations are
    // durable in their order, and nothing of one that comes after the last durable one is.
    const truncations = this.#pending.filter(({ kind }) => kind === "truncate");
    const lost = truncations[random.integerBelow(truncations.length + 1)];
    const possible = lost === undefined ? this.#pending : this.#pending.slice(0, this.#pending.indexOf(lost));
    const base = Buffer.alloc(largestSize(this.#size, this.#pending));
    this.#content.copy(base, 0, 0, this.#size);
    let sizes = [this.#size];
    let writes: { readonly offset: number; readonly data: Buffer }[] = [];
    for (const change of possible) {
      const size = sizes.at(-1) ?? 0;
      if (change.kind === "write") {
        writes.push(change);
        sizes.push(Math.max(size, change.offset + change.data.length));
      } else if (change.kind === "allocate") {
        sizes.push(Math.max(size, change.size));
      } else {
        base.fill(0, change.size);
        sizes = [change.size];
        writes = writes.flatMap(({ offset, data }) =>
          offset < change.size ? [{ offset, data: data.subarray(0, change.size - offset) }] : [],
        );
      }
    }
    writeUnits(base, writes, unitBytes, random);
    return base.subarray(0, random.chance(0.5) ? sizes.at(-1) : random.pick(sizes));
  }
}

function largestSize(size: number, changes: readonly Change[]): number {
  const ends = changes.map((change) => (change.kind === "write" ? change.offset + change.data.length : change.size));
  return Math.max(size, ...ends);
}

/** Keeps some sectors of a write: the first ones, as a disk writes them that is asked to in order. */
function tear({ offset, data, ...change }: Extract<Change, { kind: "write" }>, random: Random): Change {
  const sectors = Math.ceil(data.length / SECTOR_BYTES);
  const tornBytes = random.integerBelow(sectors + 1) * SECTOR_BYTES - (offset % SECTOR_BYTES);
  return { ...change, offset, data: data.subarray(0, Math.max(0, tornBytes)) };
}

/** Brings each unit of the content to what it was after any of the writes to it, or before all. */
function writeUnits(
  content: Buffer,
  writes: readonly { readonly offset: number; readonly data: Buffer }[],
  unitBytes: number,
  random: Random,
): void {
  const counts = new Map<number, number>();
  for (const { offset, data } of writes) {
    for (const unit of unitsOf(offset, data.length, unitBytes)) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  const latestShare = random.pick(LATEST_SHARES);
  const left = new Map<number, number>();
  for (const [unit, count] of counts) left.set(unit, random.chance(latestShare) ? count : random.integerBelow(count));
  for (const { offset, data } of writes) {
    for (const unit of unitsOf(offset, data.length, unitBytes)) {
      const applied = left.get(unit) ?? 0;
      if (applied === 0) continue;
      left.set(unit, applied - 1);
      const from = Math.max(offset, unit * unitBytes);
      const to = Math.min(offset + data.length, (unit + 1) * unitBytes);
      data.copy(content, from, from - offset, to - offset);
    }
  }
}

function* unitsOf(offset: number, length: number, unitBytes: number): Generator<number> {
  for (let unit = Math.floor(offset / unitBytes); unit * unitBytes < offset + length; unit += 1) yield unit;
}
