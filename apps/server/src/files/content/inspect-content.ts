import type { FileHandle } from "node:fs/promises";
import { planAvif } from "./avif.ts";
import { type ContentPlan, DamagedContent, keepsAll, type Piece } from "./content-plan.ts";
import { ContentReader } from "./content-reader.ts";
import { detectType, HEAD_BYTES, UNKNOWN_TYPE } from "./content-type.ts";
import { planIsoMedia } from "./iso-media.ts";
import { planJpeg } from "./jpeg.ts";
import { planPng } from "./png.ts";
import { planWebp } from "./webp.ts";

export interface InspectedContent {
  readonly type: string;
  readonly width?: number;
  readonly height?: number;
  /** What the content has to be replaced by; undefined: it stays as it is. */
  readonly pieces?: readonly Piece[];
}

/** Larger images than any screen or camera has; their size is not passed on. */
const MAX_PIXELS_A_SIDE = 100_000;

const PLANS: Readonly<Record<string, (reader: ContentReader) => Promise<ContentPlan>>> = {
  "image/jpeg": planJpeg,
  "image/png": planPng,
  "image/webp": planWebp,
  "image/avif": planAvif,
  "image/gif": planGif,
  "video/mp4": planIsoMedia,
  "video/quicktime": planIsoMedia,
  "audio/mp4": planIsoMedia,
};

/**
 * Reads the type of a content, the size of its image, and what has to be removed from it: the place where it was made, and the
 * device. What begins like an image and is none is of unknown type, so that no browser displays it.
 */
export async function inspectContent(handle: Pick<FileHandle, "read">, bytes: number): Promise<InspectedContent> {
  const readAt = async (offset: number, length: number): Promise<Buffer> => {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };
  const head = await readAt(0, Math.min(HEAD_BYTES, bytes));
  const type = detectType(head, { isWhole: bytes <= HEAD_BYTES });
  const plan = PLANS[type];
  if (plan === undefined) return { type };
  try {
    const planned = await plan(new ContentReader(bytes, readAt));
    const { width = 0, height = 0 } = planned;
    const hasSize = Math.min(width, height) > 0 && Math.max(width, height) <= MAX_PIXELS_A_SIDE;
    return {
      type,
      ...(hasSize ? { width, height } : {}),
      ...(keepsAll(planned, bytes) ? {} : { pieces: planned.pieces }),
    };
  } catch (error) {
    // A view is shorter than what is read from it where the content ends.
    if (error instanceof DamagedContent || error instanceof RangeError) return { type: UNKNOWN_TYPE };
    throw error;
  }
}

async function planGif(reader: ContentReader): Promise<ContentPlan> {
  const view = await reader.view(0, 10);
  const pieces = [{ start: 0, end: reader.size }];
  return view.length < 10 ? { pieces } : { pieces, width: view.readUInt16LE(6), height: view.readUInt16LE(8) };
}
