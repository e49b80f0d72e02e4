import { findMatches, readQuery } from "@multichat/protocol/search";

/** Highlights the terms of a query in the found messages, by the rules by which the server finds them. */

/** Whether a query contains an `in:` filter. */
export function hasRoomFilter(query: string): boolean {
  return readQuery(query).some((part) => part.kind === "filter" && part.filter === "in");
}

export interface ExcerptPiece {
  readonly text: string;
  readonly isMatch: boolean;
}

/** Splits a text into pieces that match the query and pieces that do not. */
export function highlightMatches(text: string, query: string): readonly ExcerptPiece[] {
  const pieces: ExcerptPiece[] = [];
  let end = 0;
  for (const { from, to } of findMatches(text, query)) {
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
