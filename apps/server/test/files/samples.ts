import { deflateSync } from "node:zlib";

/** Small files with and without what has to be removed from them. */

const GPS = "GPS 48.8584N 2.2945E";

/** A segment of JPEG. */
function segment(marker: number, content: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

/** Exif with how the image is turned, and a place. */
export function exif({ orientation = 6 } = {}): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write("MM\0\x2a", 0, "latin1");
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(0x0112, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, Buffer.from(GPS)]);
}

export interface JpegOptions {
  readonly orientation?: number;
  readonly width?: number;
  readonly height?: number;
  /** Bytes of the scan. */
  readonly scan?: Buffer;
}

/** The structure of a photo; its scan is no picture. */
export function jpeg({
  orientation = 6,
  width = 40,
  height = 30,
  scan = Buffer.from([1, 0xff, 0, 2]),
}: JpegOptions = {}): Buffer {
  const frame = Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", "latin1")),
    segment(0xe1, exif({ orientation })),
    segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0<x>${GPS}</x>`, "latin1")),
    segment(0xe2, Buffer.from("ICC_PROFILE\0\x01\x01colors", "latin1")),
    segment(0xed, Buffer.from(`Photoshop 3.0\0${GPS}`, "latin1")),
    segment(0xfe, Buffer.from(GPS)),
    segment(0xdb, Buffer.alloc(65, 1)),
    segment(0xc0, frame),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    scan,
    Buffer.from([0xff, 0xd0, 3, 4]),
    Buffer.from([0xff, 0xd9]),
    // A second image, or a film, as phones append them.
    Buffer.from(`appended ${GPS}`),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const whole = Buffer.alloc(12 + content.length);
  whole.writeUInt32BE(content.length, 0);
  whole.write(type, 4, "latin1");
  content.copy(whole, 8);
  // The checksum is not read here.
  return whole;
}

export function png({ width = 3, height = 2 } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("iCCP", Buffer.from("colors")),
    chunk("eXIf", exif().subarray(6)),
    chunk("tEXt", Buffer.from(`Location\0${GPS}`)),
    chunk("IDAT", deflateSync(Buffer.alloc((width + 1) * height))),
    chunk("tIME", Buffer.alloc(7)),
    chunk("IEND", Buffer.alloc(0)),
    Buffer.from(`appended ${GPS}`),
  ]);
}

function riffChunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 0, "latin1");
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

export function webp({ width = 20, height = 10 } = {}): Buffer {
  const extended = Buffer.alloc(10);
  extended[0] = 0x2c;
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const chunks = Buffer.concat([
    riffChunk("VP8X", extended),
    riffChunk("ICCP", Buffer.from("colors")),
    riffChunk("VP8L", Buffer.from([0x2f, 1, 2, 3, 4])),
    riffChunk("EXIF", exif()),
    riffChunk("XMP ", Buffer.from(GPS)),
  ]);
  const head = Buffer.from("RIFF\0\0\0\0WEBP", "latin1");
  head.writeUInt32LE(4 + chunks.length, 4);
  return Buffer.concat([head, chunks, Buffer.from(`appended ${GPS}`)]);
}

function box(type: string, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + content.length, 0);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, content]);
}

/** @param brand of a film or a recording. */
export function isoMedia(brand = "isom"): Buffer {
  return Buffer.concat([
    box("ftyp", Buffer.from(`${brand}\0\0\0\0${brand}`, "latin1")),
    box(
      "moov",
      box("mvhd", Buffer.alloc(100)),
      box("trak", box("tkhd", Buffer.alloc(84)), box("udta", Buffer.from(GPS))),
      box("udta", box("\u00a9xyz", Buffer.from(GPS))),
      box("meta", Buffer.from(GPS)),
    ),
    box("mdat", Buffer.from("samples")),
  ]);
}

function u16(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value, 2 * index);
  return buffer;
}

function u32(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, 4 * index);
  return buffer;
}

/** An image with an item of Exif, which is turned by a quarter. */
export function avif({ width = 64, height = 48 } = {}): Buffer {
  const place = Buffer.from(GPS);
  const type = box("ftyp", Buffer.from("avif\0\0\0\0avifmif1", "latin1"));
  const infe = (id: number, kind: string) =>
    box("infe", Buffer.from([2, 0, 0, 0]), u16(id, 0), Buffer.from(kind, "latin1"));
  const meta = (offset: number) =>
    box(
      "meta",
      u32(0),
      box("iinf", u32(0), u16(2), infe(1, "av01"), infe(2, "Exif")),
      box(
        "iloc",
        u32(0),
        Buffer.from([0x44, 0]),
        u16(2),
        u16(1, 0, 1),
        u32(offset, 6),
        u16(2, 0, 1),
        u32(offset + 6, place.length),
      ),
      box("iprp", box("ipco", box("ispe", u32(0, width, height)), box("irot", Buffer.from([1])))),
    );
  const offset = type.length + meta(0).length + 8;
  return Buffer.concat([type, meta(offset), box("mdat", Buffer.from("pixels"), place)]);
}

export function gif(): Buffer {
  return Buffer.concat([Buffer.from("GIF89a", "latin1"), Buffer.from([7, 0, 5, 0, 0, 0, 0]), Buffer.from([0x3b])]);
}

export const HAS_PLACE = /GPS|2\.2945/;
