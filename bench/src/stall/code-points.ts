/** What one character becomes when a text is normalized for comparison (NFKD). */
export interface CodePointCost {
  readonly codePoint: string;
  readonly character: string;
  /** UTF-8 bytes, before and after. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly charsAfter: number;
}

const MAX_CODE_POINT = 0x10ffff;

/** Tries every character of Unicode. Returns those that grow the most, worst first. */
export function worstCodePoints(count: number): readonly CodePointCost[] {
  const costs: CodePointCost[] = [];
  for (let code = 0; code <= MAX_CODE_POINT; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const after = character.normalize("NFKD");
    if (after.length <= character.length) continue;
    costs.push({
      codePoint: `U+${code.toString(16).toUpperCase().padStart(4, "0")}`,
      character,
      bytesBefore: Buffer.byteLength(character),
      bytesAfter: Buffer.byteLength(after),
      charsAfter: after.length,
    });
  }
  return costs.sort((a, b) => b.charsAfter - a.charsAfter || b.bytesAfter - a.bytesAfter).slice(0, count);
}

const range = (from: number, count: number): string =>
  Array.from({ length: count }, (_, index) => String.fromCodePoint(from + index)).join("");

/** Texts whose cost is not that of one character: many words, words that all differ, marks that are sorted, much markup. */
export const COSTLY_TEXTS: Readonly<Record<string, string>> = {
  "an ordinary sentence": "The quick brown fox jumps over the lazy dog. ",
  "words of one letter": "a b c d e f g h i j k l m n o p q r s t u v w x y z ",
  "different ideographs": range(0x4e00, 10_000),
  "Hangul syllables": range(0xac00, 10_000),
  "rare ideographs": range(0x20000, 5_000),
  "emoji joined to families": "👨‍👩‍👧‍👦",
  "combining marks out of order": ["\u0345", "\u0315", "\u0301", "\u0327", "\u0334"]
    .map((mark) => mark.repeat(2_000))
    .join(""),
  "mentions in a list": "- @a\n",
  "escaped mentions": "\\*@",
};

const NEITHER = /[^\p{L}\p{N}\p{So}]+/gu;
let letters: readonly string[] | undefined;

/** Returns a text of letters and symbols that differs from those before it, until all of Unicode has been used. */
export function neverSeenText(index: number, chars: number): string {
  letters ??= [
    ...range(0, 0xd800)
      .concat(range(0xe000, MAX_CODE_POINT - 0xe000))
      .replace(NEITHER, ""),
  ];
  const from = (index * chars) % (letters.length - chars);
  return letters.slice(from, from + chars).join("");
}
