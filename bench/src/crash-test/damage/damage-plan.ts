import { copyFile, readFile, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import type { Random } from "../../clients/random.ts";
import type { IntactDatabase } from "./intact-database.ts";

const PAGE_BYTES = 4_096;
/** Of the b-tree's header and the pointers to its cells. */
const HEADER_BYTES = 64;
/** The tables that FTS5 keeps its index in. Blobs in them are damaged inside of intact pages. */
const INDEX_BLOBS = [
  { table: "message_search_data", key: "id", column: "block" },
  { table: "message_search_docsize", key: "id", column: "sz" },
  { table: "message_search_idx", key: "term", column: "pgno" },
] as const;

export const DAMAGE_KINDS = [
  "bits",
  "bytes",
  "header",
  "cells",
  "zeros",
  "ones",
  "noise",
  "swapped",
  "repeated",
  "numbers",
  "index blobs",
  "schema",
  "file header",
  "truncated",
  "log",
] as const;
export type DamageKind = (typeof DAMAGE_KINDS)[number];

/** One damaged database, made from an intact one. */
export interface DamageCase {
  readonly index: number;
  readonly kind: DamageKind;
  /** What was damaged, such as the table that a page belongs to. */
  readonly where: string;
}

/** Writes a damaged copy of the database. Equal seeds damage it equally. */
export async function writeDamaged(
  { file, logged, pages }: IntactDatabase,
  { to, index, random }: { readonly to: string; readonly index: number; readonly random: Random },
): Promise<DamageCase> {
  const kind = DAMAGE_KINDS[index % DAMAGE_KINDS.length] ?? "bits";
  if (kind === "index blobs" || kind === "schema") {
    await copyFile(file, to);
    return { index, kind, where: kind === "schema" ? damageSchema(to, random) : damageBlobs(to, random) };
  }
  if (kind === "log") {
    await copyFile(logged, to);
    const log = await readFile(`${logged}-wal`);
    for (let count = 0; count < 8; count += 1) flip(log, random.integerBelow(log.length), random);
    await writeFile(`${to}-wal`, log.subarray(0, random.chance(0.5) ? log.length : random.integerBelow(log.length)));
    return { index, kind, where: "the write-ahead log" };
  }
  const bytes = await readFile(file);
  if (kind === "truncated") {
    const length = random.integerBelow(bytes.length);
    await writeFile(to, bytes.subarray(0, length));
    return { index, kind, where: `after ${length} bytes` };
  }
  if (kind === "file header") {
    for (let count = 0; count < 2; count += 1) flip(bytes, 16 + random.integerBelow(84), random);
    await writeFile(to, bytes);
    return { index, kind, where: "the file's header" };
  }
  // By kind of page first: most pages are leaves of few tables.
  const kinds = [...new Set(pages.map((page) => page.kind))];
  const damaged = Array.from({ length: 1 + random.integerBelow(3) }, () => {
    const pageKind = random.pick(kinds);
    const page = random.pick(pages.filter((candidate) => candidate.kind === pageKind));
    const from = (page.number - 1) * PAGE_BYTES;
    damagePage(bytes, { kind, from }, random);
    return `page ${page.number} (${page.kind})`;
  });
  await writeFile(to, bytes);
  return { index, kind, where: damaged.join(", ") };
}

function damagePage(
  bytes: Buffer,
  { kind, from }: { readonly kind: DamageKind; readonly from: number },
  random: Random,
): void {
  const page = bytes.subarray(from, from + PAGE_BYTES);
  const other = random.integerBelow(bytes.length / PAGE_BYTES) * PAGE_BYTES;
  // The first page begins with the header of the file, and its tree after it.
  const tree = from === 0 ? 100 : 0;
  switch (kind) {
    case "bits":
      for (let count = 1 + random.integerBelow(4); count > 0; count -= 1)
        flip(page, random.integerBelow(PAGE_BYTES), random);
      break;
    case "bytes":
      for (let count = 1 + random.integerBelow(64); count > 0; count -= 1)
        page[random.integerBelow(PAGE_BYTES)] = random.integerBelow(256);
      break;
    case "header":
      for (let count = 1 + random.integerBelow(4); count > 0; count -= 1)
        page[tree + random.integerBelow(HEADER_BYTES)] = random.integerBelow(256);
      break;
    case "cells": {
      // What a cell begins with: the lengths of its payload and of its header, and its key.
      const at = page.readUInt16BE(tree + 8 + 2 * random.integerBelow(20));
      for (let offset = at; offset < Math.min(at + 6, PAGE_BYTES); offset += 1)
        if (random.chance(0.4)) page[offset] = random.pick([0xff, 0x80, 0x7f, 0, random.integerBelow(256)]);
      break;
    }
    case "zeros":
      page.fill(0, random.integerBelow(PAGE_BYTES));
      break;
    case "ones":
      page.fill(0xff, random.integerBelow(PAGE_BYTES));
      break;
    case "noise":
      for (let at = random.integerBelow(PAGE_BYTES); at < PAGE_BYTES; at += 1) page[at] = random.integerBelow(256);
      break;
    case "swapped": {
      const copy = Buffer.from(page);
      bytes.copy(page, 0, other, other + PAGE_BYTES);
      copy.copy(bytes, other);
      break;
    }
    case "repeated":
      bytes.copy(page, 0, other, other + PAGE_BYTES);
      break;
    default: {
      // Numbers of pages: the next overflow or free page, the last child, the child of a cell.
      const cell = page.readUInt16BE(tree + 12);
      const number = random.pick([0, 1, 2, 0xffff_ffff, 1 + random.integerBelow(bytes.length / PAGE_BYTES + 1)]);
      page.writeUInt32BE(number, random.pick([0, 4, tree + 8, Math.min(cell, PAGE_BYTES - 4)]));
    }
  }
}

function flip(bytes: Buffer, at: number, random: Random): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integerBelow(8));
}

/** Damages what the full-text index is made of, by SQL: the pages stay intact. */
function damageBlobs(file: string, random: Random): string {
  const raw = new DatabaseSync(file, { defensive: false });
  try {
    const { table, key, column } = random.pick(INDEX_BLOBS);
    const select = raw.prepare(`select ${key} as key, ${column} as value from ${table} order by ${key}`);
    // The ids of segments use all bits.
    select.setReadBigInts(true);
    const rows = select.all();
    // The first rows of the data are the averages and the list of segments.
    const row = random.pick(random.chance(0.3) ? rows.slice(0, 3) : rows);
    const blob = damagedBlob(row.value instanceof Uint8Array ? row.value : Buffer.from(String(row.value)), random);
    raw.prepare(`update ${table} set ${column} = ? where ${key} = ?`).run(blob, row.key ?? null);
    return `${table}, ${key} ${String(row.key)}`;
  } finally {
    raw.close();
  }
}

function damagedBlob(from: Uint8Array, random: Random): Buffer {
  const blob = Buffer.from(from);
  for (let count = 1 + random.integerBelow(8); count > 0 && blob.length > 0; count -= 1) {
    // Its beginning holds the offsets and lengths of the rest.
    const at = random.integerBelow(random.chance(0.5) ? Math.min(16, blob.length) : blob.length);
    blob[at] = random.pick([0, 0x7f, 0x80, 0xff, random.integerBelow(256)]);
  }
  return random.chance(0.2) ? blob.subarray(0, random.integerBelow(blob.length + 1)) : blob;
}

/** Exchanges the pages where tables and indexes begin, as a damaged schema would. */
function damageSchema(file: string, random: Random): string {
  const raw = new DatabaseSync(file, { defensive: false });
  try {
    const names = raw.prepare("select name, rootpage from sqlite_schema where rootpage > 1").all();
    const [one, two] = random.sample(names, 2);
    raw.exec("pragma writable_schema = on");
    const update = raw.prepare("update sqlite_schema set rootpage = ? where name = ?");
    update.run(Number(two?.rootpage), String(one?.name));
    if (random.chance(0.5)) update.run(Number(one?.rootpage), String(two?.name));
    return `the roots of ${String(one?.name)} and ${String(two?.name)}`;
  } finally {
    raw.close();
  }
}
