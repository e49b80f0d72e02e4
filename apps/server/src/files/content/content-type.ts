/**
 * Media types by the first bytes of a content. Only types that browsers may display are named, and a few that people recognize
 * by an icon; everything else is `application/octet-stream`. What the client calls a file does not count.
 */

/** Bytes that are enough to recognize every type. */
export const HEAD_BYTES = 4_100;

export const UNKNOWN_TYPE = "application/octet-stream";
export const TEXT_TYPE = "text/plain";

/** Types that a browser displays without running anything in them. */
const INLINE_TYPES: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif",
  "video/mp4",
  "video/webm",
  "audio/mpeg",
  "audio/mp4",
  "audio/ogg",
  "audio/wav",
  TEXT_TYPE,
]);

export function isInlineType(type: string): boolean {
  return INLINE_TYPES.has(type);
}

/** Returns the type of the content that begins with these bytes. @param isWhole whether there are no more */
export function detectType(head: Buffer, { isWhole }: { readonly isWhole: boolean }): string {
  return (
    detectImage(head) ??
    detectMedia(head) ??
    detectDocument(head) ??
    (isPlainText(head, { isWhole }) ? TEXT_TYPE : UNKNOWN_TYPE)
  );
}

function detectImage(head: Buffer): string | undefined {
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (startsWith(head, [0xff, 0xd8, 0xff])) return "image/jpeg";
  const magic = textAt(head, 0, 6);
  if (magic === "GIF87a" || magic === "GIF89a") return "image/gif";
  if (textAt(head, 0, 4) === "RIFF" && textAt(head, 8, 4) === "WEBP") return "image/webp";
  return undefined;
}

function detectMedia(head: Buffer): string | undefined {
  if (textAt(head, 4, 4) === "ftyp") return typeOfBrands(head);
  if (startsWith(head, [0x1a, 0x45, 0xdf, 0xa3])) {
    return head.subarray(0, 64).includes("webm") ? "video/webm" : undefined;
  }
  if (textAt(head, 0, 4) === "OggS") return "audio/ogg";
  if (textAt(head, 0, 4) === "RIFF" && textAt(head, 8, 4) === "WAVE") return "audio/wav";
  if (textAt(head, 0, 3) === "ID3" || isMpegAudio(head)) return "audio/mpeg";
  return undefined;
}

/** The types of ISO media files, by their brands. */
const AVIF_BRANDS = new Set(["avif", "avis"]);
const AUDIO_BRANDS = new Set(["M4A ", "M4B ", "F4A "]);
const VIDEO_BRANDS = new Set(["isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "dash", "M4V ", "MSNV"]);

function typeOfBrands(head: Buffer): string | undefined {
  const size = head.readUInt32BE(0);
  const end = Math.min(head.length, size, 256);
  const major = textAt(head, 8, 4);
  const brands = [major];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(textAt(head, at, 4));
  if (brands.some((brand) => AVIF_BRANDS.has(brand))) return "image/avif";
  if (major === "qt  ") return "video/quicktime";
  if (AUDIO_BRANDS.has(major)) return "audio/mp4";
  return brands.some((brand) => VIDEO_BRANDS.has(brand)) ? "video/mp4" : undefined;
}

/** Two frames of the same kind in a row: a single header could be anything. */
function isMpegAudio(head: Buffer): boolean {
  const length = mpegFrameLength(head, 0);
  return length !== undefined && mpegFrameLength(head, length) !== undefined;
}

const MPEG1_LAYER3_KBITS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] as const;
const MPEG2_LAYER3_KBITS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160] as const;
const MPEG1_HERTZ = [44_100, 48_000, 32_000] as const;

/** Returns the length of the frame of MPEG audio, layer III, at this place. */
function mpegFrameLength(head: Buffer, at: number): number | undefined {
  if (at + 4 > head.length) return undefined;
  const header = head.readUInt32BE(at);
  // The sync word, and layer III.
  if (header >>> 21 !== 0x7ff || ((header >>> 17) & 3) !== 1) return undefined;
  const version = (header >>> 19) & 3;
  if (version === 1) return undefined;
  const isFirst = version === 3;
  const kbits = (isFirst ? MPEG1_LAYER3_KBITS : MPEG2_LAYER3_KBITS)[(header >>> 12) & 15];
  const hertz = MPEG1_HERTZ[(header >>> 10) & 3];
  if (kbits === undefined || kbits === 0 || hertz === undefined) return undefined;
  const divisor = isFirst ? 1 : version === 2 ? 2 : 4;
  const padding = (header >>> 9) & 1;
  return Math.floor(((isFirst ? 144_000 : 72_000) * kbits * divisor) / hertz) + padding;
}

function detectDocument(head: Buffer): string | undefined {
  if (textAt(head, 0, 5) === "%PDF-") return "application/pdf";
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) return "application/zip";
  if (startsWith(head, [0x1f, 0x8b])) return "application/gzip";
  return undefined;
}

/** Control characters that occur in no text: everything but tabs, line breaks and form feeds. */
const BINARY = /[\p{Cc}--[\t\n\f\r]]/v;

function isPlainText(head: Buffer, { isWhole }: { readonly isWhole: boolean }): boolean {
  if (head.length === 0) return false;
  try {
    // The last character can be cut off.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: !isWhole });
    return !BINARY.test(text);
  } catch {
    return false;
  }
}

function startsWith(head: Buffer, bytes: readonly number[]): boolean {
  return head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte);
}

function textAt(head: Buffer, at: number, length: number): string {
  return head.toString("latin1", at, at + length);
}
