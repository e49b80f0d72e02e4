import { replaceInnerMarks } from "./inner-marks.ts";
import { hasWords, wordsIn } from "./words.ts";

export type SearchFilter = "in" | "from" | "before" | "after";

/** A word, the beginning of one, or words that follow each other. */
export interface SearchTerm {
  readonly text: string;
  readonly kind: "word" | "prefix" | "phrase";
}

export type QueryPart =
  | { readonly kind: "term"; readonly term: SearchTerm }
  | { readonly kind: "filter"; readonly filter: SearchFilter; readonly value: string };

/** Typed for gershayim, as in `צה"ל`. */
const HEBREW_QUOTE = '(?<=[\\u05d0-\\u05ea])"(?=[\\u05d0-\\u05ea])';
/** Quotation marks that open nothing: gershayim, those of inches, and any other behind a word. */
const INNER_QUOTE = `${HEBREW_QUOTE}|(?<=\\p{N})"|(?<=[\\p{L}\\p{M}])"(?![\\p{L}\\p{N}])`;
/** Matches one word, phrase or filter: an optional filter name, then text in quotes or up to the next space. */
const TOKEN = new RegExp(
  `(?:(?<filter>in|from|before|after):)?(?:"(?<quoted>(?:[^"]|${HEBREW_QUOTE})*)"|(?<unpaired>")|` +
    `(?<plain>(?:[^\\s"]|${INNER_QUOTE})+))?(?<rest>\\s*)`,
  "iuy",
);
/** Quotation marks that keyboards type in place of the straight one. */
const TYPED_QUOTE = /[\u201c-\u201f\uff02]/gu;
/** A prefix ends with stars, which other punctuation may follow. */
const PREFIX = /^(?<text>.*?)\*+[^\p{L}\p{N}\p{M}\p{So}*]*$/su;

/**
 * Reads a query: words, "phrases", prefix*, and the filters in:, from:, before: and after:, whose values may be quoted and
 * follow without a space. The name of a filter without a value is a word like any other. Other punctuation only separates
 * words, because the index holds none: any text of a message can be pasted as a query.
 */
export function readQuery(query: string): readonly QueryPart[] {
  const text = query.replace(TYPED_QUOTE, '"');
  const parts: QueryPart[] = [];
  const addTerm = (value: string, options: { readonly isQuoted: boolean }) => {
    if (hasWords(value)) parts.push({ kind: "term", term: toTerm(value, options) });
  };
  TOKEN.lastIndex = 0;
  for (let index = 0; index < text.length; index = TOKEN.lastIndex) {
    const { filter, quoted, unpaired, plain, rest = "" } = TOKEN.exec(text)?.groups ?? {};
    const value = quoted ?? plain;
    if (filter !== undefined && value !== undefined && hasWords(value)) {
      // The cast restores the name that the expression matched, in lower case.
      parts.push({ kind: "filter", filter: filter.toLowerCase() as SearchFilter, value: value.trim() });
    } else if (filter !== undefined) {
      addTerm(filter, { isQuoted: false });
    } else if (value === undefined && unpaired === undefined && rest === "") {
      // The expression matches something of every text.
      break;
    } else if (value !== undefined) {
      addTerm(value, { isQuoted: quoted !== undefined });
    }
  }
  return parts;
}

function toTerm(value: string, { isQuoted }: { readonly isQuoted: boolean }): SearchTerm {
  if (isQuoted) return { text: value.trim(), kind: "phrase" };
  const prefix = PREFIX.exec(value)?.groups?.text;
  return prefix !== undefined && hasWords(prefix) ? { text: prefix, kind: "prefix" } : { text: value, kind: "word" };
}

/** Words that follow each other in a message, as the index compares them. */
export interface Phrase {
  readonly words: readonly string[];
  /** The same words where an apostrophe separates letters instead of being left out, or the other way round. */
  readonly otherWords?: readonly string[];
  /** Whether the last one may go on. */
  readonly isPrefix: boolean;
}

/** Returns undefined for a term without a word. */
export function toPhrase({ text, kind }: SearchTerm): Phrase | undefined {
  const words = wordsIn(text);
  if (words.length === 0) return undefined;
  const isPrefix = kind === "prefix" && isLongEnough(words);
  const otherWords = findOtherWords(text, words);
  return { words, ...(otherWords === undefined ? {} : { otherWords }), isPrefix };
}

function findOtherWords(text: string, words: readonly string[]): readonly string[] | undefined {
  const apart = replaceInnerMarks(text, " ");
  if (apart === text) return undefined;
  return [apart, replaceInnerMarks(text, "")].map(wordsIn).find((found) => found.length !== words.length);
}

/** A prefix of one letter would match a good part of the index: it is searched for as a word. */
function isLongEnough(words: readonly string[]): boolean {
  return [...(words.at(-1) ?? "")].length > 1;
}
