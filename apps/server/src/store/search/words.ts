/**
 * How text becomes words for the search, the same for what is indexed and for what is asked. Words are made of letters,
 * digits and marks alone: nothing that a person types can mean anything to the index's own query language.
 */

/** Marks that people leave out (accents, which stand apart after NFKD; Hebrew points; Arabic vowel signs), and selectors. */
const LEFT_OUT =
  /[\u0300-\u036f]|[\u0591-\u05c7]|[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]|[\u1ab0-\u1aff\u1dc0-\u1dff]|[\ufe00-\ufe0f]/gu;

/** Scripts that are written without spaces, or with endings grown on: each character is a word of its own. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

const RUN = /[\p{L}\p{N}\p{M}\p{Co}\p{Extended_Pictographic}]+/gu;
const PICTURE = /\p{Extended_Pictographic}/u;
const ASCII = /^[\0-\x7f]*$/;

/** The words of a text, in order. */
export function wordsIn(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const words: string[] = [];
  for (const [run] of fold(text).matchAll(RUN)) {
    let spaced = "";
    for (const character of run) {
      const alone = standingAlone(character);
      if (alone === undefined) {
        spaced += character;
        continue;
      }
      if (spaced !== "") words.push(spaced);
      spaced = "";
      words.push(alone);
    }
    if (spaced !== "") words.push(spaced);
  }
  return words;
}

/** Upper before lower case: some letters (`ß`, final `ς`) only meet there. */
function fold(text: string): string {
  return text.normalize("NFKD").replace(LEFT_OUT, "").toUpperCase().toLowerCase().normalize("NFC");
}

/** The word of a character that is one by itself; undefined: it is a part of one. */
function standingAlone(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  // Beyond what the index's own tables of letters know: emoji, rare characters, young scripts.
  if (code > 0xffff || PICTURE.test(character)) return `x${code.toString(16)}`;
  return code >= 0x0e00 && UNSPACED.test(character) ? character : undefined;
}
