import type { SqliteDatabase, Statement } from "./sqlite-database.ts";

/**
 * FTS5 writes the words of each transaction as a segment, and merges segments as part of later transactions, many at once: a
 * message with ten thousand different words could keep every other write waiting for tens of milliseconds. Here it does not merge
 * by itself, except as the last resort, but is asked to, a few pages at a time.
 */

const SETTINGS = { automerge: 0, crisismerge: 64 } as const;
/** The row of FTS5's data that lists its segments. */
const STRUCTURE_ROW = 10;
const COOKIE_BYTES = 4;
/** Follows the cookie where the list is in the second version of its format. */
const SECOND_VERSION = "ff000001";
/** Of a number that FTS5 stores: seven bits each, the highest first. */
const MAX_NUMBER_BYTES = 8;

export class FullTextMerges {
  readonly #selectStructure: Statement<[], { block: Uint8Array }>;
  readonly #merge: Statement<[number]>;

  /** Makes the index merge only when it is asked to. The database remembers that. */
  constructor(raw: SqliteDatabase) {
    this.#selectStructure = raw.prepare(`select block from message_search_data where id = ${STRUCTURE_ROW}`);
    this.#merge = raw.prepare("insert into message_search (message_search, rank) values ('merge', ?)");
    const stored = raw.prepare<[], { k: string; v: unknown }>("select k, v from message_search_config").all();
    for (const [name, value] of Object.entries(SETTINGS)) {
      if (stored.some(({ k, v }) => k === name && v === value)) continue;
      // Not as a parameter: the driver binds numbers as floating point, which FTS5 refuses here.
      raw.exec(`insert into message_search (message_search, rank) values ('${name}', ${value})`);
    }
  }

  /** Returns how many segments a search has to look into. */
  countSegments(): number {
    return readSegmentCount(this.#readStructure());
  }

  /**
   * Merges segments until about so many pages are written. Runs in the transaction that is open.
   * @returns false where there was nothing to merge.
   */
  mergeSome(pages: number): boolean {
    const before = this.#readStructure();
    this.#merge.run(pages);
    return Buffer.compare(before, this.#readStructure()) !== 0;
  }

  #readStructure(): Uint8Array {
    return this.#selectStructure.get()?.block ?? new Uint8Array();
  }
}

/** The list begins with a cookie, the number of levels, and the number of segments. */
function readSegmentCount(structure: Uint8Array): number {
  const bytes = Buffer.from(structure);
  const isSecondVersion = bytes.toString("hex", COOKIE_BYTES, 2 * COOKIE_BYTES) === SECOND_VERSION;
  const levels = readNumber(bytes, isSecondVersion ? 2 * COOKIE_BYTES : COOKIE_BYTES);
  return readNumber(bytes, levels.end).value;
}

function readNumber(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let end = from; end < Math.min(bytes.length, from + MAX_NUMBER_BYTES); end += 1) {
    const byte = bytes[end] ?? 0;
    value = value * 128 + (byte % 128);
    if (byte < 128) return { value, end: end + 1 };
  }
  return { value, end: bytes.length };
}
