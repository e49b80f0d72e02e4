import { type ContentPlan, DamagedContent, PieceList } from "./content-plan.ts";
import type { ContentReader } from "./content-reader.ts";

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
const COMMENT = 0xfe;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;

/** Starts of frames, which hold the size: all but the tables and the extension among them. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;

/**
 * Keeps what is needed to display the image: the frames, scans and tables, the colors (JFIF, ICC and Adobe segments), and how it is
 * turned. Everything else goes: Exif with the place and the device, XMP, IPTC, comments, previews, and what follows the image.
 */
export async function planJpeg(reader: ContentReader): Promise<ContentPlan> {
  const retained = new PieceList();
  const head = new PieceList();
  let size: { readonly width: number; readonly height: number } | undefined;
  let orientation = 1;
  let isHead = true;
  let at = 2;
  while (at < reader.size) {
    const view = await reader.view(at, 4);
    if (view[0] !== MARKER) throw new DamagedContent("expected a marker");
    const marker = view[1];
    if (marker === undefined) break;
    if (marker === MARKER) {
      at += 1;
      continue;
    }
    if (marker === END_OF_IMAGE) {
      retained.keep(at, at + 2);
      at = reader.size;
      continue;
    }
    if (isRestart(marker) || marker === 0x01) {
      retained.keep(at, at + 2);
      at += 2;
      continue;
    }
    if (marker < 0xc0 || marker === START_OF_IMAGE) throw new DamagedContent("unknown marker");
    if (view.length < 4) break;
    const length = view.readUInt16BE(2);
    if (length < 2) throw new DamagedContent("segment without its length");
    const end = Math.min(at + 2 + length, reader.size);
    const segment = (await reader.view(at, end - at)).subarray(4, end - at);
    if (marker === APP0 && isHead && startsWith(segment, "JFIF\0")) head.keep(at, end);
    else {
      if (marker === APP1 && startsWith(segment, "Exif\0\0"))
        orientation = readOrientation(segment.subarray(6)) ?? orientation;
      if (isFrame(marker) && segment.length >= 5) {
        size ??= { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3) };
      }
      if (isRetained(marker, segment)) retained.keep(at, end);
    }
    isHead = false;
    at = end;
    if (marker === START_OF_SCAN) {
      const next = await findMarker(reader, at);
      retained.keep(at, next);
      at = next;
    }
  }
  if (size === undefined || size.width === 0 || size.height === 0) throw new DamagedContent("no frame");
  const all = new PieceList();
  all.keep(0, 2);
  for (const piece of head.pieces) if ("end" in piece) all.keep(piece.start, piece.end);
  if (orientation !== 1) all.insert(orientationSegment(orientation));
  for (const piece of retained.pieces) if ("end" in piece) all.keep(piece.start, piece.end);
  const isTurned = orientation >= 5;
  return {
    pieces: all.pieces,
    width: isTurned ? size.height : size.width,
    height: isTurned ? size.width : size.height,
  };
}

function isRetained(marker: number, segment: Buffer): boolean {
  if (marker === COMMENT) return false;
  if (marker < APP0 || marker > APP15) return true;
  if (marker === APP2) return startsWith(segment, "ICC_PROFILE\0");
  return marker === APP14 && startsWith(segment, "Adobe");
}

function startsWith(segment: Buffer, text: string): boolean {
  return segment.toString("latin1", 0, text.length) === text;
}

/** Returns where the data of a scan ends: at the next marker that is not part of it, or the end of the content. */
async function findMarker(reader: ContentReader, from: number): Promise<number> {
  let at = from;
  while (at < reader.size) {
    const view = await reader.view(at, 2);
    let index = view.indexOf(MARKER);
    for (; index !== -1 && index + 1 < view.length; index = view.indexOf(MARKER, index)) {
      const next = view[index + 1] ?? 0;
      if (next === MARKER) index += 1;
      else if (next === 0 || isRestart(next)) index += 2;
      else return at + index;
    }
    // A marker at the end of the window is read again, with what follows it.
    const isCut = index !== -1 && index + 1 >= view.length && at + view.length < reader.size;
    at += isCut ? Math.min(index, view.length - 1) : view.length;
    if (view.length === 0) break;
  }
  return reader.size;
}

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

/** Returns how the image is turned (1 to 8), by its Exif. */
function readOrientation(tiff: Buffer): number | undefined {
  const order = tiff.toString("latin1", 0, 2);
  if (tiff.length < 8 || (order !== "II" && order !== "MM")) return undefined;
  const isLittle = order === "II";
  const u16 = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const start = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (start + 2 > tiff.length) return undefined;
  const count = u16(start);
  for (let index = 0; index < count; index += 1) {
    const at = start + 2 + 12 * index;
    if (at + 12 > tiff.length) return undefined;
    if (u16(at) !== ORIENTATION_TAG || u16(at + 2) !== SHORT) continue;
    const value = u16(at + 8);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** Returns a segment of Exif that says how the image is turned, and nothing else. */
function orientationSegment(orientation: number): Buffer {
  const segment = Buffer.alloc(36);
  segment.set([MARKER, APP1]);
  segment.writeUInt16BE(34, 2);
  segment.write("Exif\0\0MM\0\x2a", 4, "latin1");
  segment.writeUInt32BE(8, 14);
  segment.writeUInt16BE(1, 18);
  segment.writeUInt16BE(ORIENTATION_TAG, 20);
  segment.writeUInt16BE(SHORT, 22);
  segment.writeUInt32BE(1, 24);
  segment.writeUInt16BE(orientation, 28);
  return segment;
}
