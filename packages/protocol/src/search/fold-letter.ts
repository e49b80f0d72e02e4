import { toLargeHiragana } from "./kana.ts";
import { LATIN_BASE_LETTERS } from "./latin-letters.ts";

/**
 * Spellings of one letter in other scripts, and the dotless i: final and joined letters of Hebrew and Yiddish, letters of India
 * without their vowel, whose other spelling has a virama, and the signs of a nasal vowel, which are written for each other. Keys
 * of the result are lower case and already without marks.
 */
const OTHER_BASE_LETTERS: Readonly<Record<string, string>> = {
  i: "ı",
  σ: "ς",
  ...{ כ: "ך", מ: "ם", נ: "ן", פ: "ף", צ: "ץ", וו: "װ", וי: "ױ", יי: "ײ" },
  ا: "ٱ",
  ه: "ةہە",
  ي: "ىی",
  ك: "کڪ",
  ...{ "\u0902": "\u0900\u0901", "\u0982": "\u0981", "\u0a02": "\u0a01\u0a70", "\u0a82": "\u0a81" },
  ...{ "\u0b02": "\u0b01", "\u0c02": "\u0c00\u0c01\u0c04", "\u0c82": "\u0c80\u0c81", "\u0d02": "\u0d00\u0d01" },
  "\u0d82": "\u0d81",
  "\u09a4\u09cd": "\u09ce",
  ...{ "\u0d23\u0d4d": "\u0d7a", "\u0d28\u0d4d": "\u0d7b", "\u0d30\u0d4d": "\u0d7c\u0d4e", "\u0d32\u0d4d": "\u0d7d" },
  ...{ "\u0d33\u0d4d": "\u0d7e", "\u0d15\u0d4d": "\u0d7f", "\u0d2e\u0d4d": "\u0d54", "\u0d2f\u0d4d": "\u0d55" },
  "\u0d34\u0d4d": "\u0d56",
};

const BASE_LETTERS: ReadonlyMap<string, string> = new Map(
  [...Object.entries(LATIN_BASE_LETTERS), ...Object.entries(OTHER_BASE_LETTERS)].flatMap(([base, letters]) =>
    [...letters].map((letter): [string, string] => [letter, base]),
  ),
);

/** Numbers and letters in circles and squares that Unicode does not decompose, in rows: the first, the last, and what it stands for. */
const ENCLOSED: readonly (readonly [first: number, last: number, base: number | "a"])[] = [
  [0x24ff, 0x24ff, 0],
  [0x2776, 0x277f, 1],
  [0x24eb, 0x24f4, 11],
  [0x24f5, 0x24fe, 1],
  [0x2780, 0x2789, 1],
  [0x278a, 0x2793, 1],
  [0x1f10b, 0x1f10b, 0],
  [0x1f10c, 0x1f10c, 0],
  [0x1f150, 0x1f169, "a"],
  [0x1f170, 0x1f189, "a"],
];
const TENS_ON_SQUARE = 0x3248;

const LONE_VOICING_MARKS = /[\u3099\u309a]/g;
const DECIMAL_DIGIT = /^\p{Nd}$/u;

/** Letters of their own in their alphabets, although Unicode composes them of another letter and a mark. */
const OWN_LETTERS = /^[йїў]$/iu;

/**
 * Marks that users omit: accents, Hebrew points, Arabic vowel signs, the tatweel, the marks around symbols, and of the scripts of
 * India the nukta, the visarga and the accents of the Vedas.
 */
const OMITTED_MARKS =
  /[\u0903\u093c\u0951-\u0954\u0983\u09bc\u0a03\u0a3c\u0a83\u0abc\u0afd-\u0aff\u0b03\u0b3c\u0c03\u0c3c\u0c83\u0cbc\u0d03\u0d83\u1b34\u1be6\u1c37\ua9b3]|[\u{110ba}\u{11173}\u{111ca}\u{11236}\u{112e9}\u{1133b}\u{1133c}\u{11446}\u{114c3}\u{115c0}\u{116b7}\u{1183a}\u{11943}\u{1e94a}]|[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]|[\u1ab0-\u1aff\u1dc0-\u1dff]|\p{Me}|\u0640/gu;

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
    if (OMITTED.test(letter)) continue;
    folded += BASE_LETTERS.get(letter) ?? toLargeHiragana(letter) ?? foldEnclosed(letter) ?? foldDigit(letter);
  }
  // A voicing mark alone is one that its letter does not take.
  return folded.normalize("NFC").replace(LONE_VOICING_MARKS, "");
}

function foldEnclosed(letter: string): string | undefined {
  if (letter < "\u24eb") return undefined;
  const code = letter.codePointAt(0) ?? 0;
  if (code >= TENS_ON_SQUARE && code < TENS_ON_SQUARE + 8) return String((code - TENS_ON_SQUARE + 1) * 10);
  for (const [first, last, base] of ENCLOSED) {
    if (code < first || code > last) continue;
    return base === "a" ? String.fromCharCode(0x61 + code - first) : String(base + code - first);
  }
  return undefined;
}

/** Returns the digit of a script as an ASCII digit; another letter as it is. Digits stand in rows of ten or twenty, from 0. */
function foldDigit(letter: string): string {
  if (letter <= "\u065f" || !DECIMAL_DIGIT.test(letter)) return letter;
  const code = letter.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 19 && DECIMAL_DIGIT.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value % 10);
}
