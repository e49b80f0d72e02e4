import { isUnspaced, shownCharBefore } from "./characters.ts";

/** The name that mentions everyone in a room. */
export const MENTION_ALL = "all";

/** One more than a username can have, in code points: a longer run of characters is no name as a whole. */
const MAX_RUN_LENGTH = 65;

/** Punctuation that a name can contain, in all its compatible forms: U+FF3F is `_` to `normalizeName`. */
const PUNCTUATION = "._\\-\\u2024\\ufe33\\ufe34\\ufe4d-\\ufe4f\\ufe52\\ufe63\\uff0d\\uff0e\\uff3f";
/** The digit of a keycap is part of an emoji. */
const NO_KEYCAP = "(?![0-9]\\ufe0f?\\u20e3)";
/** What a name begins with, as a regular expression: a letter, or a digit that a username can have, so not `①` or `½`. */
export const NAME_START = `${NO_KEYCAP}[\\p{L}\\p{Nd}\\u3007]`;
/** What follows in a name: also marks and punctuation. Characters that do not show end no name. */
export const NAME_PART = `(?:\\p{Default_Ignorable_Code_Point}*${NO_KEYCAP}[\\p{L}\\p{Mn}\\p{Mc}\\p{Nd}\\u3007${PUNCTUATION}])`;

const RUN = new RegExp(
  `${NAME_START}(?:${NAME_PART}|\\\\_){0,${MAX_RUN_LENGTH - 1}}(?<![${PUNCTUATION}]|\\p{Default_Ignorable_Code_Point})`,
  "uy",
);
const ONE_PUNCTUATION = new RegExp(`^[${PUNCTUATION}]$`, "u");
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Without the flag g, with which an expression remembers where it was. */
const IS_INVISIBLE = /^\p{Default_Ignorable_Code_Point}$/u;
/**
 * A letter, digit or mark of a word. Not the end of an emoji (a keycap), and not Hebrew or Arabic, where short words are joined
 * to the next one.
 */
const WORD_END = /(?![\u0590-\u06ff])[\p{L}\p{Nd}\u3007\p{Mn}\p{Mc}]/u;

/** Whether an at sign at this position belongs to a word, as in an e-mail address (`me@example.org`). */
export function isInsideWord(text: string, position: number): boolean {
  // Most at signs follow a space.
  if (position === 0 || text[position - 1] === " ") return false;
  let start = position;
  while (isNamePunctuation(text[start - 1] ?? "")) start -= 1;
  return isBehindWord(text, start);
}

/** Whether the character before this position belongs to a word of a script that puts spaces between words. */
export function isBehindWord(text: string, position: number): boolean {
  const before = shownCharBefore(text, position);
  return WORD_END.test(before) && !isUnspaced(before);
}

/** Punctuation that a name can contain. */
export function isNamePunctuation(char: string): boolean {
  return char === "." || char === "_" || char === "-" || (char > "\u007f" && ONE_PUNCTUATION.test(char));
}

/**
 * Returns the characters at this position that could form a name, without the punctuation at their end. An underscore may have a
 * backslash before it: whether that one is shown depends on the word.
 */
export function matchNameRun(text: string, position: number): string | undefined {
  RUN.lastIndex = position;
  return RUN.exec(text)?.[0];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
const ASCII = /^[\u0000-\u007f]*$/;

/**
 * Returns the form in which two usernames are compared: `Ａlice`, `alice` and `ALICE` are one name. It folds case as Unicode's
 * `toNFKC_Casefold` does, and the Turkic `ı` and `İ` with `i`. Normalized twice, so that the form of a form is the same: before,
 * because it can produce letters that fold, and after, because folding can compose others.
 */
export function normalizeName(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return foldCase(name.normalize("NFKD")).normalize("NFKC");
}

/** An `i` with its marks. Among those of a lower-case `İ` is a dot, which the letter has anyway. */
const MARKED_I = /i\p{M}+/gu;
const DOT_ABOVE = "\u0307";

/**
 * Lower case first, for `ẞ`, whose upper case is itself; upper case next, where `ß` and `ss` become equal. The lower case of `Σ`
 * depends on its place in a word, the folded one does not.
 */
function foldCase(text: string): string {
  const folded = text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
  return folded.replace(MARKED_I, (marked) => marked.replaceAll(DOT_ABOVE, ""));
}

/**
 * Returns where a name can end in what follows an at sign, the longest first: at the end, before punctuation of the sentence,
 * and beside a letter of a script without spaces between its words (`@alice看一下`).
 */
export function findNameEnds(run: string): number[] {
  // Two more characters than the longest name has say whether a name can end there.
  const shown: { readonly char: string; readonly end: number }[] = [];
  let position = 0;
  for (const char of run) {
    position += char.length;
    if (!IS_INVISIBLE.test(char)) shown.push({ char, end: position });
    if (shown.length === MAX_RUN_LENGTH + 2) break;
  }
  const ends: number[] = [];
  for (let index = Math.min(shown.length, MAX_RUN_LENGTH) - 1; index >= 0; index -= 1) {
    const { char: last = "", end = 0 } = shown[index] ?? {};
    const next = shown[index + 1]?.char ?? "";
    const afterNext = shown[index + 2]?.char ?? "";
    const isEnd =
      next === "" ||
      isUnspacedLetter(last) ||
      isUnspacedLetter(next) ||
      (isNamePunctuation(next) && (afterNext === "" || isNamePunctuation(afterNext) || isUnspaced(afterNext)));
    if (isEnd) ends.push(end);
  }
  return ends;
}

function isUnspacedLetter(char: string): boolean {
  return isUnspaced(char) && !isNamePunctuation(char);
}

/** Returns the key of a name in a text. No name has characters that do not show, but a text may have: soft hyphens, for instance. */
export function toNameKey(name: string): string {
  return normalizeName(name.replace(INVISIBLE, ""));
}

/**
 * Splits a mention candidate (`@alice看一下`) into the mention and the text after it. The longest name wins.
 *
 * @param isName whether this is the normalized name of a mentioned user
 */
export function splitMention(
  text: string,
  isName: (key: string) => boolean,
): { readonly mention: string; readonly name: string; readonly rest: string } | undefined {
  const run = text.slice(1);
  for (const end of findNameEnds(run)) {
    const name = toNameKey(run.slice(0, end));
    if (isName(name)) return { mention: text.slice(0, end + 1), name, rest: run.slice(end) };
  }
  return undefined;
}
