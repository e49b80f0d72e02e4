import type { RoomListEntry } from "@multichat/protocol";

/** The rooms that a text can name, the longest title first. */
export type RoomIndex = readonly { readonly number: number; readonly title: string; readonly key: string }[];

export type NamedPiece = string | { readonly number: number; readonly text: string };

/** Direct conversations have no name that means the same to everybody. */
export function indexRooms(rooms: readonly RoomListEntry[]): RoomIndex {
  return rooms
    .filter((room) => room.kind !== "direct" && room.title !== "")
    .map(({ number, title }) => ({ number, title, key: title.toLowerCase() }))
    .sort((a, b) => b.key.length - a.key.length);
}

const BEFORE = /[\p{L}\p{N}_#&/]$/u;
const AFTER = /^[\p{L}\p{N}_]/u;

/** Cuts a text at `#title` and `#number` of rooms that are in the index; everything else stays as it is. */
export function findRooms(text: string, index: RoomIndex): NamedPiece[] {
  const pieces: NamedPiece[] = [];
  let done = 0;
  for (const { index: at } of text.matchAll(/#/g)) {
    if (at < done || BEFORE.test(text.slice(Math.max(0, at - 2), at))) continue;
    const rest = text.slice(at + 1, at + 1 + MAX_TITLE);
    const room = roomAt(rest, index);
    if (room === undefined) continue;
    if (at > done) pieces.push(text.slice(done, at));
    done = at + 1 + room.length;
    pieces.push({ number: room.number, text: text.slice(at, done) });
  }
  if (done < text.length) pieces.push(text.slice(done));
  return pieces;
}

/** Code units of a title, at most, and one behind it. */
const MAX_TITLE = 161;

function roomAt(rest: string, index: RoomIndex): { readonly number: number; readonly length: number } | undefined {
  const titled = index.find(
    ({ key, title }) => rest.slice(0, title.length).toLowerCase() === key && !AFTER.test(rest.slice(title.length)),
  );
  if (titled !== undefined) return { number: titled.number, length: titled.title.length };
  const digits = /^[1-9]\d{0,9}(?![\p{L}\p{N}_])/u.exec(rest)?.[0];
  const numbered = digits === undefined ? undefined : index.find(({ number }) => number === Number(digits));
  return numbered === undefined || digits === undefined
    ? undefined
    : { number: numbered.number, length: digits.length };
}
