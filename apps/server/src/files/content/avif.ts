import { type ContentPlan, DamagedContent, PieceList } from "./content-plan.ts";
import type { ContentReader } from "./content-reader.ts";

/** Longer descriptions than any image has; they are read at once. */
const MAX_META_BYTES = 200 * 1_024;
const MAX_BOXES = 2_000;
/** Items of an image that are no part of what is displayed: Exif and XMP. */
const METADATA_ITEMS: ReadonlySet<string> = new Set(["Exif", "mime", "uri "]);

interface Box {
  readonly type: string;
  /** In the buffer that is read. */
  readonly start: number;
  readonly end: number;
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Overwrites Exif and XMP with zeros, and reads the size. Nothing moves, because the items are addressed by their offsets. */
export async function planAvif(reader: ContentReader): Promise<ContentPlan> {
  const { meta, offset } = await readMeta(reader);
  try {
    const boxes = listBoxes(meta, 4, meta.length);
    const idat = boxes.find(({ type }) => type === "idat");
    const items = metadataItems(meta, boxes);
    const extents = items.size === 0 ? [] : extentsOf(meta, boxes, { items, idatStart: offset + (idat?.start ?? 0) });
    const retained = new PieceList();
    let at = 0;
    for (const { start, end } of extents.sort((a, b) => a.start - b.start)) {
      if (start < at || end > reader.size) throw new DamagedContent("item beyond the content");
      retained.keep(at, start);
      retained.insert(Buffer.alloc(end - start));
      at = end;
    }
    retained.keep(at, reader.size);
    return { pieces: retained.pieces, ...sizeOf(meta, boxes) };
  } catch (error) {
    // It reads beyond the end of a buffer.
    if (error instanceof RangeError) throw new DamagedContent("box that is too short");
    throw error;
  }
}

/** @returns the content of the box, and its offset. */
async function readMeta(reader: ContentReader): Promise<{ readonly meta: Buffer; readonly offset: number }> {
  let at = 0;
  for (let count = 0; count < MAX_BOXES && at + 8 <= reader.size; count += 1) {
    const view = await reader.view(at, 8);
    const length = view.readUInt32BE(0);
    if (length < 8 || at + length > reader.size) break;
    if (view.toString("latin1", 4, 8) === "meta") {
      if (length > MAX_META_BYTES) break;
      const whole = await reader.view(at, length);
      return { meta: Buffer.from(whole.subarray(8, length)), offset: at + 8 };
    }
    at += length;
  }
  throw new DamagedContent("no description");
}

function listBoxes(buffer: Buffer, from: number, to: number): readonly Box[] {
  const boxes: Box[] = [];
  let at = from;
  while (at + 8 <= to) {
    const length = buffer.readUInt32BE(at);
    if (length < 8 || at + length > to) throw new DamagedContent("box beyond its container");
    boxes.push({ type: buffer.toString("latin1", at + 4, at + 8), start: at + 8, end: at + length });
    at += length;
  }
  return boxes;
}

function metadataItems(meta: Buffer, boxes: readonly Box[]): ReadonlySet<number> {
  const info = boxes.find(({ type }) => type === "iinf");
  if (info === undefined) return new Set();
  const first = info.start + (meta[info.start] === 0 ? 6 : 8);
  const found = new Set<number>();
  for (const { start } of listBoxes(meta, first, info.end)) {
    const isLong = meta[start] === 3;
    const id = isLong ? meta.readUInt32BE(start + 4) : meta.readUInt16BE(start + 4);
    const typeAt = start + (isLong ? 10 : 8);
    if (METADATA_ITEMS.has(meta.toString("latin1", typeAt, typeAt + 4))) found.add(id);
  }
  return found;
}

const IN_IDAT = 1;

function extentsOf(
  meta: Buffer,
  boxes: readonly Box[],
  { items, idatStart }: { readonly items: ReadonlySet<number>; readonly idatStart: number },
): Extent[] {
  const locations = boxes.find(({ type }) => type === "iloc");
  if (locations === undefined) throw new DamagedContent("items without a place");
  let at = locations.start;
  const take = (bytes: number): number => {
    if (bytes === 0) return 0;
    if (bytes !== 1 && bytes !== 2 && bytes !== 4 && bytes !== 8) throw new DamagedContent("number of an unknown size");
    const value = bytes === 8 ? Number(meta.readBigUInt64BE(at)) : meta.readUIntBE(at, bytes);
    at += bytes;
    return value;
  };
  const version = take(1);
  at += 3;
  const sizes = take(1);
  const [offsetBytes, lengthBytes] = [sizes >> 4, sizes & 15];
  const more = take(1);
  const [baseBytes, indexBytes] = [more >> 4, version === 0 ? 0 : more & 15];
  const count = take(version < 2 ? 2 : 4);
  const extents: Extent[] = [];
  for (let item = 0; item < count && at < locations.end; item += 1) {
    const id = take(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : take(2) & 15;
    at += 2;
    const base = take(baseBytes) + (method === IN_IDAT ? idatStart : 0);
    const extentCount = take(2);
    for (let extent = 0; extent < extentCount && at < locations.end; extent += 1) {
      at += indexBytes;
      const start = base + take(offsetBytes);
      const length = take(lengthBytes);
      if (items.has(id)) extents.push({ start, end: start + length });
    }
  }
  return extents;
}

/** Returns the size of the largest image, turned as it is displayed. */
function sizeOf(meta: Buffer, boxes: readonly Box[]): { readonly width?: number; readonly height?: number } {
  const properties = boxes.find(({ type }) => type === "iprp");
  if (properties === undefined) return {};
  const container = listBoxes(meta, properties.start, properties.end).find(({ type }) => type === "ipco");
  if (container === undefined) return {};
  let width = 0;
  let height = 0;
  let isTurned = false;
  for (const { type, start } of listBoxes(meta, container.start, container.end)) {
    if (type === "irot") isTurned = ((meta[start] ?? 0) & 1) === 1;
    if (type !== "ispe") continue;
    const [w, h] = [meta.readUInt32BE(start + 4), meta.readUInt32BE(start + 8)];
    if (w * h > width * height) [width, height] = [w, h];
  }
  if (width === 0 || height === 0) return {};
  return isTurned ? { width: height, height: width } : { width, height };
}
