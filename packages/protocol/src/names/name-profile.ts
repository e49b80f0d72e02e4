import { findScriptMix, hasMixedDigits } from "./scripts.ts";

/**
 * What usernames and room titles may look like: the identifier class of PRECIS (RFC 8264, `UsernameCaseMapped` of RFC 8265)
 * with the restrictions of Unicode's UTS 39, level "moderately restrictive". Combining marks are letters of most scripts of
 * India and of Thai and Hebrew, so they are allowed after a letter.
 */

/** A letter or digit with its marks, then more of them, each after at most one separator. */
const USERNAME = /^[\p{L}\p{Nd}\u3007][\p{Mn}\p{Mc}]*(?:[._-]*[\p{L}\p{Nd}\u3007][\p{Mn}\p{Mc}]*)*[._-]*$/u;
/** Letters and marks that only lengthen or repeat others, which PRECIS excludes: the Arabic tatweel, vertical repeat marks. */
const LENGTHENING = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;
const WIDTH_VARIANT = /[\uff01-\uffee]/g;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\u2800\ufff9-\ufffb\u{16fe4}]/u;
/** Characters that Unicode writes in two ways and whose scripts need them: Thai and Lao AM, Lao digraphs. */
const NEEDED_COMPATIBILITY = /[\u0e33\u0eb3\u0edc\u0edd]/gu;
/** More marks on one letter than any script writes, or the same one twice. */
const STACKED_MARKS = /\p{Mn}{5}|(\p{Mn})\1/u;
/** It would be drawn on what stands before the title, or on a separator. */
const LONE_MARK = /(?:^|[\p{Z}\p{P}])\p{M}/u;
const EMOJI = /\p{RGI_Emoji}/gv;
/** Arabic and the scripts of India write words with these between two letters. */
const JOINER =
  /(?<=[\p{scx=Arab}\p{scx=Syrc}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}])[\u200c\u200d](?=[\p{L}\p{M}])/gu;

/** Returns a username as it is stored: composed, and in letters of the usual width. */
export function composeName(name: string): string {
  return name.replace(WIDTH_VARIANT, (character) => character.normalize("NFKC")).normalize("NFC");
}

/** Returns what is wrong with a composed username; undefined: nothing. */
export function findUsernameProblem(name: string): string | undefined {
  if (INVISIBLE.test(name)) return "expected no invisible characters";
  const plain = name.replace(NEEDED_COMPATIBILITY, "");
  if (!USERNAME.test(name) || LENGTHENING.test(name) || plain.normalize("NFKC") !== plain) {
    return "expected letters, digits, '.', '_' or '-', beginning with a letter or digit";
  }
  if (STACKED_MARKS.test(name.normalize("NFD"))) return "expected at most four different marks on a letter";
  return findMixProblem(name);
}

/** Returns what is wrong with the characters of a line of text; undefined: nothing. Emoji and words need some invisible ones. */
export function findInvisible(line: string): string | undefined {
  return INVISIBLE.test(withoutNeededJoiners(line)) ? "expected no invisible characters" : undefined;
}

function withoutNeededJoiners(line: string): string {
  return line.replace(EMOJI, " ").replace(JOINER, "");
}

/** Returns what is wrong with a room title; undefined: nothing. Each word has to be in one script, a title need not. */
export function findTitleProblem(title: string): string | undefined {
  const words = withoutNeededJoiners(title);
  if (INVISIBLE.test(words)) return "expected no invisible characters";
  if (STACKED_MARKS.test(words.normalize("NFD"))) return "expected at most four different marks on a letter";
  if (LONE_MARK.test(words)) return "expected no mark without a letter before it";
  for (const word of words.split(/[^\p{L}\p{M}\p{N}]+/u)) {
    const problem = findMixProblem(word);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function findMixProblem(text: string): string | undefined {
  const mix = findScriptMix(text);
  if (mix !== undefined) return `expected letters of one script, got ${mix.join(" and ")}`;
  return hasMixedDigits(text) ? "expected digits of one script" : undefined;
}
