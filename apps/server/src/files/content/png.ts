import { type ContentPlan, DamagedContent, PieceList } from "./content-plan.ts";
import type { ContentReader } from "./content-reader.ts";

const SIGNATURE_BYTES = 8;
/** The length, the type and the checksum of a chunk. */
const ENVELOPE_BYTES = 12;

/** What is needed to display the image: its pixels, animation and colors. */
const RETAINED: ReadonlySet<string> = new Set([
  "IHDR",
  "PLTE",
  "IDAT",
  "IEND",
  "tRNS",
  "acTL",
  "fcTL",
  "fdAT",
  "cHRM",
  "gAMA",
  "iCCP",
  "sBIT",
  "sRGB",
  "cICP",
  "mDCV",
  "cLLI",
  "bKGD",
  "pHYs",
]);

/** Keeps the chunks that display the image; texts, times, Exif and what follows the image go. */
export async function planPng(reader: ContentReader): Promise<ContentPlan> {
  const retained = new PieceList();
  retained.keep(0, SIGNATURE_BYTES);
  const header = await reader.view(SIGNATURE_BYTES, 16);
  if (header.length < 16 || header.toString("latin1", 4, 8) !== "IHDR") throw new DamagedContent("no header");
  const width = header.readUInt32BE(8);
  const height = header.readUInt32BE(12);
  if (width === 0 || height === 0) throw new DamagedContent("no size");
  let at = SIGNATURE_BYTES;
  while (at < reader.size) {
    const view = await reader.view(at, 8);
    if (view.length < 8) break;
    const type = view.toString("latin1", 4, 8);
    if (!/^[A-Za-z]{4}$/.test(type)) throw new DamagedContent("unknown chunk");
    const end = at + ENVELOPE_BYTES + view.readUInt32BE(0);
    if (RETAINED.has(type)) retained.keep(at, Math.min(end, reader.size));
    at = type === "IEND" ? reader.size : end;
  }
  return { pieces: retained.pieces, width, height };
}
