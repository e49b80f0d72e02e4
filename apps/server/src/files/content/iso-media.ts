import { type ContentPlan, DamagedContent, PieceList } from "./content-plan.ts";
import type { ContentReader } from "./content-reader.ts";

/** Boxes that describe where, when and with what a film was made, in whatever contains them. */
const DESCRIPTIONS: ReadonlySet<string> = new Set(["udta", "meta", "uuid"]);
const CONTAINERS: ReadonlySet<string> = new Set(["moov", "trak"]);
/** Takes the place of their type: players skip it, and nothing moves. */
const SKIPPED = Buffer.from("free", "latin1");

const MAX_BOXES = 10_000;

interface Blank {
  readonly start: number;
  readonly end: number;
}

/**
 * Overwrites the descriptions of a film or a recording, such as the place, with zeros. Nothing moves, because the samples are
 * addressed by their offsets.
 */
export async function planIsoMedia(reader: ContentReader): Promise<ContentPlan> {
  const blanks: Blank[] = [];
  let boxes = 0;
  const walk = async (from: number, to: number): Promise<void> => {
    let at = from;
    while (at + 8 <= to) {
      boxes += 1;
      if (boxes > MAX_BOXES) throw new DamagedContent("too many boxes");
      const view = await reader.view(at, 16);
      const type = view.toString("latin1", 4, 8);
      let length = view.readUInt32BE(0);
      let headerBytes = 8;
      if (length === 1) {
        if (view.length < 16) throw new DamagedContent("box without its length");
        length = Number(view.readBigUInt64BE(8));
        headerBytes = 16;
      } else if (length === 0) length = to - at;
      if (length < headerBytes || at + length > to) throw new DamagedContent("box beyond its container");
      if (DESCRIPTIONS.has(type)) blanks.push({ start: at + 4, end: at + length });
      else if (CONTAINERS.has(type)) await walk(at + headerBytes, at + length);
      at += length;
    }
  };
  await walk(0, reader.size);
  const retained = new PieceList();
  let at = 0;
  for (const { start, end } of blanks) {
    retained.keep(at, start);
    retained.insert(SKIPPED);
    for (let filled = start + SKIPPED.length; filled < end; filled += ZEROS.length) {
      retained.insert(ZEROS.subarray(0, Math.min(ZEROS.length, end - filled)));
    }
    at = end;
  }
  retained.keep(at, reader.size);
  return { pieces: retained.pieces };
}

const ZEROS = Buffer.alloc(64 * 1_024);
