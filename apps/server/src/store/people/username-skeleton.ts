import unhomoglyph from "unhomoglyph";
import { usernameKey } from "./username-key.ts";

const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** The small Cyrillic palochka, which Unicode's data take for an i without a dot; most fonts draw it like an l. */
const PALOCHKA = "\u04cf";
/** The dot of a lower-case İ, which looks like an i. */
const DOT_ABOVE = /(?<=[ij])\u0307/g;

const LAST_SEPARATORS = /[._-]+$/;

/**
 * Returns a username without the punctuation at its end. Two accounts cannot share it: at the end of a sentence `@alice.` means
 * `alice`, and would reach an account with the full stop in its name.
 */
export function usernameStem(username: string): string {
  return username.replace(LAST_SEPARATORS, "");
}

/**
 * Returns what a username looks like, as written and in lower case: two names that share one of these are easily taken for
 * each other. This is the skeleton of Unicode's UTS 39, folded, because `AIice` with a capital i looks like `alice`.
 */
export function usernameSkeletons(username: string): readonly string[] {
  return [...new Set([toSkeleton(username), toSkeleton(usernameKey(username))])];
}

function toSkeleton(text: string): string {
  const folded = replaceConfusables(text).toLowerCase().replace(DOT_ABOVE, "");
  // Folding may make a letter that is a confusable itself: the Cyrillic М becomes M, then m, which looks like rn.
  return replaceConfusables(folded);
}

function replaceConfusables(text: string): string {
  return unhomoglyph(text.normalize("NFD").replace(INVISIBLE, "").replaceAll(PALOCHKA, "l")).normalize("NFD");
}
