/**
 * Punctuation that users write inside a word or leave out: apostrophes, what keyboards and users put in their place (accents,
 * primes, quotation marks), the geresh and gershayim of Hebrew, the middle dot of Catalan and the bullet typed for it. `Hawai'i`
 * is found by `hawaii` and by `hawai`, `l'été` by `lete` and by `ete`.
 */
const INNER_MARKS =
  "'`\u00b4\u00b7\u02bc\u0384\u055a\u05f3\u05f4\u1fbd\u1fbf\u2018\u2019\u201b\u2022\u2027\u2032\u2035\u2219\u22c5\uff07\uff40";

/** Letters of the same shape, which are left out of words: the ʻokina, half rings, primes, the saltillo. */
const INNER_LETTERS = "\u02b9-\u02bb\u02bd-\u02c1\u02ee\ua78b\ua78c";

const INNER_MARK = new RegExp(`^[${INNER_MARKS}]$`, "u");
const BETWEEN_LETTERS = new RegExp(`(?<=[\\p{L}\\p{M}])[${INNER_MARKS}${INNER_LETTERS}](?=\\p{L})`, "gu");
/** Typed for gershayim. */
const HEBREW_QUOTE = /(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])/g;
const ENDS_WITH_LETTER = /[\p{L}\p{M}]$/u;
const BEGINS_WITH_LETTER = /^\p{L}/u;
const ENDS_WITH_HEBREW = /[\u05d0-\u05ea]$/;
const BEGINS_WITH_HEBREW = /^[\u05d0-\u05ea]/;

/** Whether a character may stand inside a word. */
export function isInnerMark(character: string): boolean {
  return character === '"' || INNER_MARK.test(character);
}

/** Whether a mark stands inside a word, and not between two of them: `rock'n'roll`, but not `5'10`. */
export function joinsWords(
  mark: string,
  { before, after }: { readonly before: string; readonly after: string },
): boolean {
  if (mark === '"') return ENDS_WITH_HEBREW.test(before) && BEGINS_WITH_HEBREW.test(after);
  return ENDS_WITH_LETTER.test(before) && BEGINS_WITH_LETTER.test(after);
}

/** Replaces the marks that stand inside words. */
export function replaceInnerMarks(text: string, replacement: "" | " "): string {
  return text.replace(BETWEEN_LETTERS, replacement).replace(HEBREW_QUOTE, replacement);
}
