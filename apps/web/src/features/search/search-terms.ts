/** Highlights the terms of a query in the found messages. The server decides what matches. */

/** A filter with its value, a phrase, or a word. */
const QUERY_TOKEN = /(in|from|before|after):(?:"[^"]*"?|\S*)|"([^"]*)"?|([^\s"]+)/giu;
/** Accents, points and vowel signs, which people leave out when they search. */
const COMBINING_MARKS = /\p{M}/gu;
/** Scripts without spaces between words: a term may begin anywhere. */
const UNSPACED_SCRIPTS =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

/** Whether a query contains an `in:` filter. */
export function hasRoomFilter(query: string): boolean {
  return [...query.matchAll(QUERY_TOKEN)].some((piece) => piece[1]?.toLowerCase() === "in");
}

/** Folds text as the server's index does. Upper case before lower case: some letters (`ß`, final `ς`) become equal only then. */
function fold(text: string): string {
  return text.normalize("NFKD").replace(COMBINING_MARKS, "").toUpperCase().toLowerCase();
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

function buildTermPattern(term: string, prefix: boolean): string | undefined {
  const words = fold(term).match(/[\p{L}\p{N}\p{Extended_Pictographic}]+/gu);
  if (words === null) return undefined;
  const pattern = words.map(escapeRegExp).join("[^\\p{L}\\p{N}]+");
  if (UNSPACED_SCRIPTS.test(pattern)) return pattern;
  return `(?<![\\p{L}\\p{N}])${pattern}${prefix ? "[\\p{L}\\p{N}]*" : "(?![\\p{L}\\p{N}])"}`;
}

/** Returns a pattern that matches the terms of a query in folded text; undefined if it has none. */
function buildQueryPattern(query: string): RegExp | undefined {
  const patterns = [...query.matchAll(QUERY_TOKEN)].flatMap(([, filter, phrase, word = ""]) => {
    if (filter !== undefined) return [];
    const pattern = phrase === undefined ? buildTermPattern(word, word.endsWith("*")) : buildTermPattern(phrase, false);
    return pattern === undefined ? [] : [pattern];
  });
  return patterns.length === 0 ? undefined : new RegExp(patterns.join("|"), "gu");
}

export interface ExcerptPiece {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Folds a text, and returns the offset in the original of each of its code units. */
function foldWithOffsets(text: string): { readonly folded: string; readonly offsets: readonly number[] } {
  let folded = "";
  const offsets: number[] = [];
  let offset = 0;
  for (const character of text) {
    const foldedCharacter = fold(character);
    for (let unit = 0; unit < foldedCharacter.length; unit += 1) offsets.push(offset);
    folded += foldedCharacter;
    offset += character.length;
  }
  offsets.push(text.length);
  return { folded, offsets };
}

/** Splits a text into pieces that match the query and pieces that do not. */
export function highlightMatches(text: string, query: string): readonly ExcerptPiece[] {
  const pattern = buildQueryPattern(query);
  if (pattern === undefined) return text === "" ? [] : [{ text, isMatch: false }];
  const { folded, offsets } = foldWithOffsets(text);
  const pieces: ExcerptPiece[] = [];
  let end = 0;
  for (const match of folded.matchAll(pattern)) {
    const from = offsets[match.index] ?? text.length;
    const to = offsets[match.index + match[0].length] ?? text.length;
    if (from < end || to <= from) continue;
    if (from > end) pieces.push({ text: text.slice(end, from), isMatch: false });
    pieces.push({ text: text.slice(from, to), isMatch: true });
    end = to;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isMatch: false });
  return pieces;
}

/** Kept before the first match. */
const EXCERPT_LEAD_CHARS = 60;
/** The approximate length of an excerpt. */
const EXCERPT_CHARS = 280;

/** Shortens a message to an excerpt around the first match. */
export function createExcerpt(pieces: readonly ExcerptPiece[]): readonly ExcerptPiece[] {
  const firstMatch = pieces.findIndex((piece) => piece.isMatch);
  const excerpt: ExcerptPiece[] = [];
  let length = 0;
  for (const [index, { text, isMatch }] of pieces.entries()) {
    let part = text;
    if (index < firstMatch && length + text.length > EXCERPT_LEAD_CHARS) part = `…${tail(text, EXCERPT_LEAD_CHARS)}`;
    if (index < firstMatch - 1) continue;
    if (length + part.length > EXCERPT_CHARS) {
      excerpt.push({ text: `${head(part, Math.max(0, EXCERPT_CHARS - length))}…`, isMatch });
      break;
    }
    excerpt.push({ text: part, isMatch });
    length += part.length;
  }
  return excerpt;
}

/** Returns the first code units of a text, without splitting a surrogate pair. */
function head(text: string, units: number): string {
  const cut = text.slice(0, units);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Returns the last code units of a text, without splitting a surrogate pair. */
function tail(text: string, units: number): string {
  const cut = text.slice(-units);
  return cut.isWellFormed() ? cut : cut.slice(1);
}
