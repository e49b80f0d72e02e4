/**
 * Scripts that put no space between words, or attach endings to a foreign word: a name or markup may begin and end beside
 * their letters. Thai, Lao, Tibetan, Myanmar, Hangul, Khmer, Tai, CJK (punctuation, kana, bopomofo, ideographs, fullwidth
 * forms but not fullwidth Latin), Yi.
 */
const UNSPACED =
  /[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u2e80-\u2fff\u3001-\ua4cf\ua960-\ua9ff\uaa60-\uaadf\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uffef\u{1b000}-\u{1b16f}\u{20000}-\u{3ffff}]/u;
const SPACE = /\s/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** No character below it belongs to a script without spaces. */
const FIRST_UNSPACED = "\u0e00";

export const isSpace = (char: string): boolean => SPACE.test(char);
export const isUnspaced = (char: string): boolean => char >= FIRST_UNSPACED && UNSPACED.test(char);
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
