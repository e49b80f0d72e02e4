/** The scripts in general use (UTS 31, table 5), each with its letters, also those that it shares. */
const SCRIPTS = new Map<string, RegExp>(
  [
    ...["Latin", "Cyrillic", "Greek", "Han", "Hiragana", "Katakana", "Hangul", "Bopomofo", "Arabic", "Armenian"],
    ...["Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi", "Hebrew", "Kannada", "Khmer", "Lao"],
    ...["Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thaana", "Thai", "Tibetan"],
  ].map((name) => [name, new RegExp(`\\p{Script_Extensions=${name}}`, "u")]),
);
const SHARED = /[\p{Script_Extensions=Common}\p{Script_Extensions=Inherited}]/u;
const OTHER = "another script";

/** Scripts that are written together, with Latin among them or not. */
const WRITTEN_TOGETHER: readonly (readonly string[])[] = [
  ["Latin", "Han", "Hiragana", "Katakana"],
  ["Latin", "Han", "Bopomofo"],
  ["Latin", "Han", "Hangul"],
  // Latin letters look like many of the letters of Cyrillic and Greek, and of no other script in general use.
  ...[...SCRIPTS.keys()].filter((name) => name !== "Cyrillic" && name !== "Greek").map((name) => ["Latin", name]),
];

/** Returns two scripts of a text that are not written together (UTS 39, moderately restrictive); undefined: none. */
export function findScriptMix(text: string): readonly [string, string] | undefined {
  const used = [...text].filter((character) => !SHARED.test(character)).map(scriptsOf);
  const [first] = used;
  if (first === undefined) return undefined;
  const covers = (scripts: readonly string[]) => used.every((own) => own.some((script) => scripts.includes(script)));
  if (first.some((script) => covers([script])) || WRITTEN_TOGETHER.some(covers)) return undefined;
  const other = used.find((own) => !own.some((script) => first.includes(script))) ?? first;
  return [first[0] ?? OTHER, other[0] ?? OTHER];
}

/** Returns the scripts in general use that write a character. */
function scriptsOf(character: string): readonly string[] {
  const scripts = [...SCRIPTS].filter(([, pattern]) => pattern.test(character)).map(([name]) => name);
  return scripts.length === 0 ? [OTHER] : scripts;
}

/** Whether a text has decimal digits of different systems, such as 1 and the Bengali ৪, which looks like an 8. */
export function hasMixedDigits(text: string): boolean {
  return new Set((text.match(/\p{Nd}/gu) ?? []).map(zeroOf)).size > 1;
}

/** Returns the code point of the zero of a digit's system: each has ten digits in a row. */
function zeroOf(digit: string): number {
  let zero = digit.codePointAt(0) ?? 0;
  const end = zero - 9;
  while (zero > end && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return zero;
}

const MARKED = /(\P{M})(\p{M}+)/gu;
const ACCENT = /[\u0300-\u036f]/;
const TAKES_ACCENTS = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Cherokee}]/u;
const VOICING = /[\u3099\u309a]/;
const KANA = /[\u3041-\u30ff]/;

/**
 * Returns a mark of a decomposed text on a letter whose script does not use it (UTS 39, 5.4), such as a Hebrew point on a Latin
 * letter, or on a digit; undefined: none.
 */
export function findForeignMark(text: string): string | undefined {
  for (const [, letter = "", marks = ""] of text.matchAll(MARKED)) {
    const scripts = scriptsOf(letter);
    for (const mark of marks) if (!usesMark(letter, scripts, mark)) return mark;
  }
  return undefined;
}

function usesMark(letter: string, scripts: readonly string[], mark: string): boolean {
  if (!/\p{L}/u.test(letter)) return false;
  if (ACCENT.test(mark)) return TAKES_ACCENTS.test(letter);
  if (VOICING.test(mark)) return KANA.test(letter);
  return scriptsOf(mark).some((script) => scripts.includes(script));
}
