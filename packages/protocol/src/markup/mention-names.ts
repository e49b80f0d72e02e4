import { charBefore, isUnspaced } from "./characters.ts";

/** The name that mentions everyone in a room. */
export const MENTION_ALL = "all";

/** One more than a username can have, in code points: a longer run of characters is no name as a whole. */
const MAX_RUN_LENGTH = 65;
const RUN = new RegExp(`[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}._-]{0,${MAX_RUN_LENGTH - 1}}(?<![._-])`, "uy");
/**
 * A letter, digit or mark. Not the end of an emoji (a variation selector, a keycap), and not Hebrew or Arabic, where short words
 * are joined to the next one.
 */
const WORD_END = /(?!\ufe0f|\u20e3|[\u0590-\u06ff])[\p{L}\p{N}\p{M}]/u;

/** Whether an at sign at this position belongs to a word, as in an e-mail address (`me@example.org`). */
export function isInsideWord(text: string, position: number): boolean {
  // Most at signs follow a space.
  if (position === 0 || text[position - 1] === " ") return false;
  let start = position;
  while (isNamePunctuation(text[start - 1] ?? "")) start -= 1;
  const before = charBefore(text, start);
  return WORD_END.test(before) && !isUnspaced(before);
}

/** Punctuation that a name can contain. */
export function isNamePunctuation(char: string): boolean {
  return char === "." || char === "_" || char === "-";
}

/** Returns the characters at this position that could form a name, without the punctuation at their end. */
export function matchNameRun(text: string, position: number): string | undefined {
  RUN.lastIndex = position;
  return RUN.exec(text)?.[0];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII.
const ASCII = /^[\u0000-\u007f]*$/;

/**
 * Returns the form in which two usernames are compared: `Ａlice`, `alice` and `ALICE` are one name. It folds case as Unicode's
 * `toNFKC_Casefold` does, and the Turkic `ı` with `i`. Normalized twice, so that the form of a form is the same: before, because
 * it can produce letters that fold, and after, because folding can compose others.
 */
export function normalizeName(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return foldCase(name.normalize("NFKD")).normalize("NFKC");
}

/**
 * Lower case first, for `ẞ`, whose upper case is itself; upper case next, where `ß` and `ss` become equal. The lower case of `Σ`
 * depends on its place in a word, the folded one does not.
 */
function foldCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

/**
 * Returns where a name can end in what follows an at sign, the longest first: at the end, before punctuation of the sentence,
 * and beside a letter of a script without spaces between its words (`@alice看一下`).
 */
export function findNameEnds(run: string): number[] {
  const ends: number[] = [];
  // Punctuation can follow without an end, and no name is so long; two more characters say whether a name can end there.
  const chars = [...run.slice(0, 2 * (MAX_RUN_LENGTH + 2))];
  const longest = chars.slice(0, MAX_RUN_LENGTH);
  let end = longest.join("").length;
  for (let index = longest.length - 1; index >= 0; index -= 1) {
    const last = chars[index] ?? "";
    const next = chars[index + 1] ?? "";
    const afterNext = chars[index + 2] ?? "";
    const isEnd =
      next === "" ||
      isUnspaced(last) ||
      isUnspaced(next) ||
      (isNamePunctuation(next) && (afterNext === "" || isNamePunctuation(afterNext) || isUnspaced(afterNext)));
    if (isEnd) ends.push(end);
    end -= last.length;
  }
  return ends;
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
    const name = normalizeName(run.slice(0, end));
    if (isName(name)) return { mention: text.slice(0, end + 1), name, rest: run.slice(end) };
  }
  return undefined;
}
