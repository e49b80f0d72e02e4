import { qualifyEmoji } from "../emoji.ts";
import { findForeignMark, findScriptMix, hasMixedDigits } from "./scripts.ts";

/**
 * What usernames and room titles may look like: the identifier class of PRECIS (RFC 8264, `UsernameCaseMapped` of RFC 8265)
 * with the restrictions of Unicode's UTS 39, level "moderately restrictive". Combining marks are letters of most scripts of
 * India and of Thai and Hebrew, so they are allowed after a letter.
 */

/** A letter or digit with its marks, then more of them, each after at most one separator. */
const USERNAME = /^[\p{L}\p{Nd}\u3007][\p{Mn}\p{Mc}]*(?:[._-]*[\p{L}\p{Nd}\u3007][\p{Mn}\p{Mc}]*)*[._-]*$/u;
/** Letters and marks that only lengthen or repeat others, which PRECIS excludes: the Arabic tatweel, vertical repeat marks. */
const LENGTHENING = /[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u;
/**
 * Letters that look like others, like accents or punctuation, and that no language in general use needs: small capitals, modifier
 * letters, clicks (`Technical` and `Uncommon_Use` of UTS 39). The ʻokina and the letter apostrophe stand between two letters.
 */
const TECHNICAL =
  /(?!(?<=\p{L})[\u02bb\u02bc\ua78b\ua78c]\p{L})[\u01c0-\u01c3\u0262\u026a\u0274\u0276\u0280\u0281\u028f\u0297-\u029c\u029f\u02a0-\u02ff\u0374\u037a\u0559\u1d00-\u1dbf\ua708-\ua721\ua730\ua731\ua746\ua770\ua776\ua788\ua78b\ua78c\ua7ae\ua7af\ua7f2-\ua7f9\ua7fa-\ua7ff\uab30-\uab6b\u{10780}-\u{107bf}\u{1df00}-\u{1dfff}]/u;
/** Marks that strike letters through, or are drawn across several, and those of phonetics alone; a second dot on `i` and `j`. */
const OVERLAY =
  /[\u0305\u0332-\u033f\u0346-\u0357\u0359-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]|[\p{Soft_Dotted}l\u0131\u0237]\u0307/u;
/** A name whose letters change places with what stands beside it (rules 1 and 2 of RFC 5893). */
const RTL = "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}";
const UNCLEAR_DIRECTION = new RegExp(`^[${RTL}].*(?![${RTL}])\\p{L}|^\\p{Nd}.*[${RTL}]`, "su");
const WIDTH_VARIANT = /[\uff01-\uffee]/g;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\u2800\ufff9-\ufffb\u{16fe4}]/u;
/** Characters that Unicode writes in two ways and whose scripts need them: Thai and Lao AM, Lao digraphs. */
const NEEDED_COMPATIBILITY = /[\u0e33\u0eb3\u0edc\u0edd]/gu;
/** More marks on one letter than any script writes, or the same one twice. */
const STACKED_MARKS = /\p{Mn}{5}|(\p{Mn})\1/u;
/** It would be drawn on what stands before the title, or on a separator. */
const LONE_MARK = /(?:^|[\p{Z}\p{P}])\p{M}/u;
/** Joined emoji, in their full spelling or not. */
const JOINED_EMOJI = /\p{Emoji}[\ufe0f\p{Emoji_Modifier}]*(?:\u200d\p{Emoji}[\ufe0f\p{Emoji_Modifier}]*)+/gu;
const ONE_EMOJI = /^\p{RGI_Emoji}$/v;
/** A symbol and the selector of its style, colored or plain, and an ideograph and that of its shape. */
const STYLED = /(?![0-9#*])\p{Emoji}[\ufe0e\ufe0f]|\p{Ideographic}[\ufe00-\ufe02\u{e0100}-\u{e01ef}]/gu;
const EMOJI = /\p{Emoji_Presentation}[\ufe0e\ufe0f](?!\u200d)|\p{RGI_Emoji}/gv;
/** Arabic and the scripts of India write words with these between two letters, those of India also after a last virama. */
const JOINER =
  /(?<=[\p{scx=Arab}\p{scx=Syrc}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}])[\u200c\u200d](?=[\p{L}\p{M}])|(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d](?![\u200c\u200d])/gu;

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
  if (TECHNICAL.test(name)) return "expected no small capitals, modifier letters or clicks";
  const apart = name.normalize("NFD");
  if (STACKED_MARKS.test(apart)) return "expected at most four different marks on a letter";
  if (OVERLAY.test(apart)) return "expected no marks that strike letters through or join them";
  if (findForeignMark(apart) !== undefined) return "expected no mark on a letter whose script does not use it";
  if (UNCLEAR_DIRECTION.test(name))
    return "expected a left-to-right letter first, or none beside right-to-left letters";
  return findMixProblem(name);
}

/** Returns a line of text as it is stored: composed, and with joined emoji in their full spelling. */
export function composeLine(line: string): string {
  return line.normalize("NFC").replace(JOINED_EMOJI, (joined) => {
    const qualified = qualifyEmoji(joined);
    return ONE_EMOJI.test(qualified) ? qualified : joined;
  });
}

/** Returns what is wrong with the characters of a line of text; undefined: nothing. Emoji and words need some invisible ones. */
export function findInvisible(line: string): string | undefined {
  return INVISIBLE.test(withoutNeededJoiners(line)) ? "expected no invisible characters" : undefined;
}

function withoutNeededJoiners(line: string): string {
  return line
    .replace(EMOJI, " ")
    .replace(STYLED, (styled) => (/\p{Ideographic}/u.test(styled) ? (styled.match(/./u)?.[0] ?? "") : " "))
    .replace(JOINER, "");
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
