/**
 * Letters that users type without what sets them apart from their base letter, and that Unicode does not decompose: strokes,
 * hooks, ligatures, and the spellings of Arabic letters. Keys are lower case and already without marks.
 */
const BASE_LETTERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: "ɐ",
    ae: "æ",
    b: "ƀɓƃ",
    c: "ƈȼ",
    d: "đðɖɗƌȡ",
    e: "ɛǝəɇ",
    f: "ƒ",
    g: "ǥɠɣ",
    h: "ħⱨ",
    i: "ıɨɩᵼ",
    j: "ȷɉ",
    k: "ƙⱪĸ",
    l: "łƚⱡɫ",
    n: "ŋɲƞȵ",
    o: "øɔɵ",
    oe: "œ",
    p: "ƥᵽ",
    q: "ɋ",
    r: "ɍɽ",
    s: "ȿ",
    ss: "ß",
    t: "ŧƭʈⱦ",
    th: "þ",
    u: "ʉ",
    v: "ʋ",
    w: "ⱳ",
    y: "ƴɏ",
    z: "ƶȥʒ",
    σ: "ς",
    ا: "ٱ",
    ه: "ةہە",
    ي: "ىی",
    ك: "ک",
  }).flatMap(([base, letters]) => [...letters].map((letter): [string, string] => [letter, base])),
);

/** The zeros of the decimal digits of scripts: the digit of value v is v code points further. */
const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50, 0x0ed0,
  0x0f20, 0x1040, 0x17e0, 0x1810,
];

/** Letters of their own in their alphabets, although Unicode composes them of another letter and a mark. */
const OWN_LETTERS = /^[йїў]$/iu;

/** Marks that users omit: accents, Hebrew points, Arabic vowel signs, the tatweel, and the marks around symbols. */
const OMITTED_MARKS =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]|[\u1ab0-\u1aff\u1dc0-\u1dff]|\p{Me}|\u0640/gu;

/** Characters that do not show between letters (soft hyphen, zero-width space and joiners), and skin tones. */
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}]$/u;

/**
 * Folds one character of a text in NFC to what stands for it in the index: compatible forms, case, accents, strokes and
 * digits of other scripts make no difference. Empty: the character makes none either.
 */
export function foldLetter(character: string): string {
  if (INVISIBLE.test(character)) return "";
  const isOwnLetter = OWN_LETTERS.test(character);
  const bare = isOwnLetter ? character : character.normalize("NFKD").replace(OMITTED_MARKS, "");
  // Upper case before lower case: some letters only become equal there.
  const lower = bare.toUpperCase().toLowerCase();
  let folded = "";
  for (const letter of lower) folded += BASE_LETTERS.get(letter) ?? foldDigit(letter);
  return folded.normalize("NFC");
}

function foldDigit(letter: string): string {
  const code = letter.codePointAt(0) ?? 0;
  if (code < 0x0660 || code > 0x1819) return letter;
  const zero = ZEROS.find((candidate) => candidate <= code && code <= candidate + 9);
  return zero === undefined ? letter : String(code - zero);
}
