import { LATIN_BASE_LETTERS } from "./latin-letters.ts";

/** Spellings of one letter in other scripts, and the dotless i. Keys of the result are lower case and already without marks. */
const OTHER_BASE_LETTERS: Readonly<Record<string, string>> = {
  i: "ı",
  σ: "ς",
  ا: "ٱ",
  ه: "ةہە",
  ي: "ىی",
  ك: "کڪ",
};

const BASE_LETTERS: ReadonlyMap<string, string> = new Map(
  [...Object.entries(LATIN_BASE_LETTERS), ...Object.entries(OTHER_BASE_LETTERS)].flatMap(([base, letters]) =>
    [...letters].map((letter): [string, string] => [letter, base]),
  ),
);

const DECIMAL_DIGIT = /^\p{Nd}$/u;

/** Letters of their own in their alphabets, although Unicode composes them of another letter and a mark. */
const OWN_LETTERS = /^[йїў]$/iu;

/** Marks that users omit: accents, Hebrew points, Arabic vowel signs, the tatweel, and the marks around symbols. */
const OMITTED_MARKS =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]|[\u1ab0-\u1aff\u1dc0-\u1dff]|\p{Me}|\u0640/gu;

/**
 * Characters that do not show between letters (soft hyphen, zero-width space and joiners), skin tones, and letters in the shape
 * of an apostrophe or an accent, which users omit: the ʻokina, half rings, primes, the saltillo. U+02BC is an apostrophe.
 */
const OMITTED =
  /^[\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}\u02b9-\u02bb\u02bd-\u02c1\u02c6-\u02d1\u02ec\u02ee\ua788\ua78b\ua78c]$/u;

/**
 * Folds one character of a text in NFC to what stands for it in the index: compatible forms, case, accents, strokes and
 * digits of other scripts make no difference. Empty: the character makes none either.
 */
export function foldLetter(character: string): string {
  if (OMITTED.test(character)) return "";
  const isOwnLetter = OWN_LETTERS.test(character);
  const bare = isOwnLetter ? character : character.normalize("NFKD").replace(OMITTED_MARKS, "");
  // Upper case before lower case: some letters only become equal there.
  const lower = bare.toUpperCase().toLowerCase();
  let folded = "";
  for (const letter of lower) {
    // `ẚ` is an a and a half ring.
    if (!OMITTED.test(letter)) folded += BASE_LETTERS.get(letter) ?? foldDigit(letter);
  }
  return folded.normalize("NFC");
}

/** Returns the digit of a script as an ASCII digit; another letter as it is. Digits stand in rows of ten or twenty, from 0. */
function foldDigit(letter: string): string {
  if (letter <= "\u065f" || !DECIMAL_DIGIT.test(letter)) return letter;
  const code = letter.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 19 && DECIMAL_DIGIT.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value % 10);
}
