import type { RoomListEntry } from "@multichat/protocol";

/** The rooms that a text can refer to, the longest title first. */
export type RoomIndex = readonly { readonly number: number; readonly title: string; readonly key: string }[];

export type RoomTextPiece = string | { readonly number: number; readonly text: string };

/** Leaves out direct conversations, whose name depends on who reads it. */
export function buildRoomIndex(rooms: readonly RoomListEntry[]): RoomIndex {
  return rooms
    .filter((room) => room.kind !== "direct" && room.title !== "")
    .map(({ number, title }) => ({ number, title, key: title.toLowerCase() }))
    .sort((a, b) => b.key.length - a.key.length);
}

const WORD_BEFORE = /[\p{L}\p{N}_#&/]$/u;
const WORD_AFTER = /^[\p{L}\p{N}_]/u;

/** Splits a text at references `#title` and `#number` to rooms of the index; all other text stays as it is. */
export function splitRoomReferences(text: string, index: RoomIndex): RoomTextPiece[] {
  const pieces: RoomTextPiece[] = [];
  let end = 0;
  for (const { index: at } of text.matchAll(/#/g)) {
    if (at < end || WORD_BEFORE.test(text.slice(Math.max(0, at - 2), at))) continue;
    const rest = text.slice(at + 1, at + 1 + MAX_TITLE_CHARS);
    const room = matchRoom(rest, index);
    if (room === undefined) continue;
    if (at > end) pieces.push(text.slice(end, at));
    end = at + 1 + room.length;
    pieces.push({ number: room.number, text: text.slice(at, end) });
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

/** The longest title in code units, and one character after it. */
const MAX_TITLE_CHARS = 161;

function matchRoom(rest: string, index: RoomIndex): { readonly number: number; readonly length: number } | undefined {
  const titled = index.find(
    ({ key, title }) => rest.slice(0, title.length).toLowerCase() === key && !WORD_AFTER.test(rest.slice(title.length)),
  );
  if (titled !== undefined) return { number: titled.number, length: titled.title.length };
  const digits = /^[1-9]\d{0,9}(?![\p{L}\p{N}_])/u.exec(rest)?.[0];
  const numbered = digits === undefined ? undefined : index.find(({ number }) => number === Number(digits));
  return numbered === undefined || digits === undefined
    ? undefined
    : { number: numbered.number, length: digits.length };
}
