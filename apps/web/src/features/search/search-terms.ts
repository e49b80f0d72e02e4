/** Finds what a search looked for in the text that it found, to mark it there. The server decides what is found. */

/** A filter with its value, a phrase, or a word. */
const PIECE = /(in|from|before|after):(?:"[^"]*"?|\S*)|"([^"]*)"?|([^\s"]+)/giu;
/** Marks that people leave out when they search: accents, points, vowel signs. */
const LEFT_OUT = /\p{M}/gu;
/** Written without spaces between words: a word may begin anywhere. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

/** Whether a query names its rooms itself. */
export function namesRooms(query: string): boolean {
  return [...query.matchAll(PIECE)].some((piece) => piece[1]?.toLowerCase() === "in");
}

/** As the server's index has it. Upper before lower case: some letters (`ß`, final `ς`) only meet there. */
function fold(text: string): string {
  return text.normalize("NFKD").replace(LEFT_OUT, "").toUpperCase().toLowerCase();
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function patternOf(term: string, prefix: boolean): string | undefined {
  const words = fold(term).match(/[\p{L}\p{N}\p{Extended_Pictographic}]+/gu);
  if (words === null) return undefined;
  const inside = words.map(escaped).join("[^\\p{L}\\p{N}]+");
  if (UNSPACED.test(inside)) return inside;
  return `(?<![\\p{L}\\p{N}])${inside}${prefix ? "[\\p{L}\\p{N}]*" : "(?![\\p{L}\\p{N}])"}`;
}

/** @returns what the words, phrases and prefixes of a query look like in folded text; undefined where it has none. */
function lookFor(query: string): RegExp | undefined {
  const patterns = [...query.matchAll(PIECE)].flatMap(([, filter, phrase, word = ""]) => {
    if (filter !== undefined) return [];
    const pattern = phrase === undefined ? patternOf(word, word.endsWith("*")) : patternOf(phrase, false);
    return pattern === undefined ? [] : [pattern];
  });
  return patterns.length === 0 ? undefined : new RegExp(patterns.join("|"), "gu");
}

export interface Piece {
  readonly text: string;
  readonly found: boolean;
}

/** Text folded, and for each of its units the place in the original that it comes from. */
function foldedWithPlaces(text: string): { readonly folded: string; readonly places: readonly number[] } {
  let folded = "";
  const places: number[] = [];
  let place = 0;
  for (const character of text) {
    const plain = fold(character);
    for (let unit = 0; unit < plain.length; unit += 1) places.push(place);
    folded += plain;
    place += character.length;
  }
  places.push(text.length);
  return { folded, places };
}

/** The text in pieces, those that were looked for set apart. */
export function markFound(text: string, query: string): readonly Piece[] {
  const looked = lookFor(query);
  if (looked === undefined) return text === "" ? [] : [{ text, found: false }];
  const { folded, places } = foldedWithPlaces(text);
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of folded.matchAll(looked)) {
    const from = places[match.index] ?? text.length;
    const to = places[match.index + match[0].length] ?? text.length;
    if (from < done || to <= from) continue;
    if (from > done) pieces.push({ text: text.slice(done, from), found: false });
    pieces.push({ text: text.slice(from, to), found: true });
    done = to;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), found: false });
  return pieces;
}

/** Characters before the first found word that stay. */
const LEAD = 60;
/** Characters of an excerpt, about. */
const LENGTH = 280;

/** As much of a message as is needed to know it again: around the first word that was found. */
export function excerpt(pieces: readonly Piece[]): readonly Piece[] {
  const first = pieces.findIndex((piece) => piece.found);
  const kept: Piece[] = [];
  let length = 0;
  for (const [at, { text, found }] of pieces.entries()) {
    let part = text;
    if (at < first && length + text.length > LEAD) part = `…${tail(text, LEAD)}`;
    if (at < first - 1) continue;
    if (length + part.length > LENGTH) {
      kept.push({ text: `${head(part, Math.max(0, LENGTH - length))}…`, found });
      break;
    }
    kept.push({ text: part, found });
    length += part.length;
  }
  return kept;
}

/** Cut between characters, not in the middle of one. */
function head(text: string, units: number): string {
  const cut = text.slice(0, units);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

function tail(text: string, units: number): string {
  const cut = text.slice(-units);
  return cut.isWellFormed() ? cut : cut.slice(1);
}
