import { type ContentPlan, DamagedContent, PieceList } from "./content-plan.ts";
import type { ContentReader } from "./content-reader.ts";

const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;

/** What is needed to display the image: its pixels, animation and colors. */
const RETAINED: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"]);

/** The flags of the extended header that say that there are Exif and XMP. */
const METADATA_FLAGS = 0x0c;

/** Keeps the chunks that display the image; Exif, XMP and what follows the image go. */
export async function planWebp(reader: ContentReader): Promise<ContentPlan> {
  const retained = new PieceList();
  const header = await reader.view(0, HEADER_BYTES);
  const end = Math.min(reader.size, 8 + header.readUInt32LE(4));
  let size: { readonly width: number; readonly height: number } | undefined;
  let bytes = 4;
  let at = HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= end) {
    const view = await reader.view(at, CHUNK_HEADER_BYTES + 10);
    const type = view.toString("latin1", 0, 4);
    const length = view.readUInt32LE(4);
    const next = at + CHUNK_HEADER_BYTES + length + (length % 2);
    if (RETAINED.has(type)) {
      size ??= sizeOf(type, view.subarray(CHUNK_HEADER_BYTES));
      if (type === "VP8X") {
        const flags = view[CHUNK_HEADER_BYTES] ?? 0;
        retained.keep(at, at + CHUNK_HEADER_BYTES);
        retained.insert(Buffer.of(flags & ~METADATA_FLAGS));
        retained.keep(at + CHUNK_HEADER_BYTES + 1, Math.min(next, end));
      } else retained.keep(at, Math.min(next, end));
      bytes += Math.min(next, end) - at;
    }
    at = next;
  }
  if (size === undefined) throw new DamagedContent("no image");
  const riff = Buffer.from("RIFF\0\0\0\0WEBP", "latin1");
  riff.writeUInt32LE(bytes, 4);
  return { pieces: [{ bytes: riff }, ...retained.pieces], ...size };
}

function sizeOf(type: string, data: Buffer): { readonly width: number; readonly height: number } | undefined {
  if (data.length < 10) return undefined;
  switch (type) {
    case "VP8X":
      return { width: 1 + data.readUIntLE(4, 3), height: 1 + data.readUIntLE(7, 3) };
    case "VP8L": {
      const bits = data.readUInt32LE(1);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8 ": {
      const [width, height] = [data.readUInt16LE(6) & 0x3fff, data.readUInt16LE(8) & 0x3fff];
      return width === 0 || height === 0 ? undefined : { width, height };
    }
    default:
      return undefined;
  }
}
