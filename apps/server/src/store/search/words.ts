/**
 * Splits text into the words of the search, in the same way for messages and for queries. Words consist of letters, digits
 * and marks alone, so that nothing a user types has a meaning in the index's query language.
 */

/** Marks that users omit (accents, which NFKD separates; Hebrew points; Arabic vowel signs), and variation selectors. */
const IGNORED_MARKS =
  /[\u0300-\u036f]|[\u0591-\u05c7]|[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]|[\u1ab0-\u1aff\u1dc0-\u1dff]|[\ufe00-\ufe0f]/gu;

/** Scripts that are written without spaces, or with suffixes attached: each character is a word. */
const UNSPACED_SCRIPT =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

const RUN = /[\p{L}\p{N}\p{M}\p{Co}\p{Extended_Pictographic}]+/gu;
const PICTOGRAPH = /\p{Extended_Pictographic}/u;
const ASCII = /^[\0-\x7f]*$/;

/** Returns the words of a text, in order. */
export function wordsIn(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const words: string[] = [];
  for (const [run] of fold(text).matchAll(RUN)) {
    let spaced = "";
    for (const character of run) {
      const word = singleCharacterWord(character);
      if (word === undefined) {
        spaced += character;
        continue;
      }
      if (spaced !== "") words.push(spaced);
      spaced = "";
      words.push(word);
    }
    if (spaced !== "") words.push(spaced);
  }
  return words;
}

/** Upper case before lower case: some letters (`ß`, final `ς`) only become equal there. */
function fold(text: string): string {
  return text.normalize("NFKD").replace(IGNORED_MARKS, "").toUpperCase().toLowerCase().normalize("NFC");
}

/** Returns the word of a character that is one on its own; undefined: the character is a part of a word. */
function singleCharacterWord(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  // Unknown to the index's tables of letters: emoji, rare characters, recently encoded scripts.
  if (code > 0xffff || PICTOGRAPH.test(character)) return `x${code.toString(16)}`;
  return code >= 0x0e00 && UNSPACED_SCRIPT.test(character) ? character : undefined;
}
