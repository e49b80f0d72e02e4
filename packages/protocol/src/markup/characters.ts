/**
 * Scripts that put no space between words, or attach endings to a foreign word: a name or markup may begin and end beside
 * their letters. Thai, Lao, Tibetan, Myanmar, Hangul, Khmer, Tai, Buginese, Balinese, Batak, CJK (punctuation in all its forms,
 * kana, bopomofo, ideographs, fullwidth forms but not fullwidth Latin), Yi, Rejang, Javanese, Cham, Brahmi, Chakma, Grantha,
 * Ahom, Dives Akuru, Makasar, Kawi, Tangut, Khitan, Nüshu.
 */
const UNSPACED =
  /[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19ff\u1a00-\u1aaf\u1b00-\u1b7f\u1bc0-\u1bff\u2e80-\u2fff\u3001-\ua4cf\ua930-\ua9ff\uaa00-\uaadf\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uffef\u{11000}-\u{1107f}\u{11100}-\u{1114f}\u{11300}-\u{1137f}\u{11700}-\u{1174f}\u{11900}-\u{1195f}\u{11ee0}-\u{11f5f}\u{17000}-\u{18d8f}\u{1b000}-\u{1b2ff}\u{20000}-\u{3ffff}]/u;
/** Letters and digits as wide as ideographs, which stand between them without spaces. A name can contain them. */
const FULL_WIDTH = /[\uff01-\uff60\uffe0-\uffe6]/;
const VARIATION_SELECTOR = /^\p{Variation_Selector}$/u;
const SPACE = /\s/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** No character below it belongs to a script without spaces. */
const FIRST_UNSPACED = "\u0e00";

export const isSpace = (char: string): boolean => SPACE.test(char);
export const isUnspaced = (char: string): boolean => char >= FIRST_UNSPACED && UNSPACED.test(char);
/** Whether markup that ends with punctuation may have this character beside it. */
export const isUnspacedOrWide = (char: string): boolean => isUnspaced(char) || FULL_WIDTH.test(char);
/** Punctuation or a symbol, of any script. */
export const isPunctuation = (char: string): boolean => PUNCTUATION.test(char);
export const isLetterOrDigit = (char: string): boolean => LETTER_OR_DIGIT.test(char);

/** Returns the code point that begins at this position; "" at the end. */
export function charAt(text: string, position: number): string {
  const code = text.codePointAt(position);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** Returns the code point that ends before this position; "" at the start. */
export function charBefore(text: string, position: number): string {
  const low = text.charCodeAt(position - 1);
  const isPair = position > 1 && low >= 0xdc00 && low <= 0xdfff;
  return position === 0 ? "" : charAt(text, position - (isPair ? 2 : 1));
}

/** Returns the code point before this position, without the variation selectors that choose its shape. */
export function shownCharBefore(text: string, position: number): string {
  let end = position;
  for (;;) {
    const char = charBefore(text, end);
    if (!VARIATION_SELECTOR.test(char)) return char;
    end -= char.length;
  }
}
