import type { RoomListEntry } from "@multichat/protocol";
import { charAt, charBefore, isBehindWord, isUnspaced, normalizeName } from "@multichat/protocol/markup";

/** The rooms that a text can refer to, the longest title first. */
export type RoomIndex = readonly { readonly number: number; readonly title: string; readonly key: string }[];

export type RoomTextPiece = string | { readonly number: number; readonly text: string };

/** Leaves out direct conversations, whose name depends on who reads it. */
export function buildRoomIndex(rooms: readonly RoomListEntry[]): RoomIndex {
  return rooms
    .filter((room) => room.kind !== "direct" && room.title !== "")
    .map(({ number, title }) => ({ number, title, key: foldText(title).key }))
    .sort((a, b) => b.key.length - a.key.length);
}

const SIGN = /[#\uff03]/g;
const SIGN_BEFORE = /[_#\uff03&/]/;
const WORD_AFTER = /^[\p{L}\p{M}\p{Nd}_]/u;

/** Splits a text at references `#title` and `#number` to rooms of the index; all other text stays as it is. */
export function splitRoomReferences(text: string, index: RoomIndex): RoomTextPiece[] {
  const pieces: RoomTextPiece[] = [];
  let end = 0;
  let folded: FoldedText | undefined;
  for (const { index: at } of text.matchAll(SIGN)) {
    if (at < end || SIGN_BEFORE.test(text[at - 1] ?? "") || isBehindWord(text, at)) continue;
    folded ??= foldText(text);
    const room = matchRoom(text, at + 1, folded, index);
    if (room === undefined) continue;
    if (at > end) pieces.push(text.slice(end, at));
    end = room.end;
    pieces.push({ number: room.number, text: text.slice(at, end) });
  }
  if (end < text.length) pieces.push(text.slice(end));
  return pieces;
}

/** A text as titles are compared, and which of its positions are the same place. */
interface FoldedText {
  readonly key: string;
  readonly toKey: (position: number) => number | undefined;
  readonly toText: (keyPosition: number) => number | undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
const ASCII = /^[\u0000-\u007f]*$/;
/** Characters that are composed together. */
const TOGETHER =
  /[\uac00-\ud7a3]?[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb\uffa0-\uffdc]+\p{M}*|.[\p{M}\uff9e\uff9f]*/gsu;

/** Folds a text in parts, so that the places of its letters are known. */
function foldText(text: string): FoldedText {
  if (ASCII.test(text)) {
    const isSame = (position: number) => position;
    return { key: text.toLowerCase(), toKey: isSame, toText: isSame };
  }
  const toKey = new Map<number, number>();
  const toText = new Map<number, number>();
  let key = "";
  for (const { 0: part, index } of text.matchAll(TOGETHER)) {
    toKey.set(index, key.length);
    toText.set(key.length, index);
    key += normalizeName(part);
  }
  toText.set(key.length, text.length);
  return { key, toKey: (position) => toKey.get(position), toText: (position) => toText.get(position) };
}

function matchRoom(
  text: string,
  from: number,
  { key, toKey, toText }: FoldedText,
  index: RoomIndex,
): { readonly number: number; readonly end: number } | undefined {
  const start = toKey(from);
  if (start !== undefined) {
    for (const room of index) {
      if (!key.startsWith(room.key, start)) continue;
      const end = toText(start + room.key.length);
      if (end !== undefined && isWordEnd(text, end)) return { number: room.number, end };
    }
  }
  const digits = /^[1-9]\d{0,9}/.exec(text.slice(from, from + 10))?.[0];
  if (digits === undefined || !isWordEnd(text, from + digits.length)) return undefined;
  const numbered = index.find(({ number }) => number === Number(digits));
  return numbered === undefined ? undefined : { number: numbered.number, end: from + digits.length };
}

/** Whether a title can end here: no letter follows, or one of a script without spaces is on one of the sides. */
function isWordEnd(text: string, position: number): boolean {
  const next = charAt(text, position);
  return !WORD_AFTER.test(next) || isUnspaced(next) || (/\p{L}/u.test(next) && isUnspaced(charBefore(text, position)));
}
