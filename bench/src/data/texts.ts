import type { Random } from "../clients/random.ts";
import { credentialsOf } from "../multichat/users.ts";

const CONSONANTS = "bdfghklmnprstvz";
const VOWELS = "aeiou";
const SYLLABLES = CONSONANTS.length * VOWELS.length;
/** As many different words as some months of a busy chat. */
const VOCABULARY = 20_000;
const MEAN_WORDS = 12;
const MAX_WORDS = 60;
const MENTION_SHARE = 0.02;
/** A word that one message in ten thousand has. */
export const RARE_WORD = "needle";
const RARE_SHARE = 0.000_1;

/** Returns the word of a rank; lower ranks are more frequent. */
export function wordOf(rank: number): string {
  let rest = rank + SYLLABLES;
  let word = "";
  while (rest > 0) {
    const syllable = rest % SYLLABLES;
    word += `${CONSONANTS[Math.floor(syllable / VOWELS.length)]}${VOWELS[syllable % VOWELS.length]}`;
    rest = Math.floor(rest / SYLLABLES);
  }
  return word;
}

/** Returns a message whose words are as unevenly frequent as those of a language (Zipf). */
export function textOf(random: Random, users: number): string {
  const count = Math.min(MAX_WORDS, 2 + Math.floor(random.exponential(MEAN_WORDS - 2)));
  const words = Array.from({ length: count }, () => wordOf(Math.floor(VOCABULARY ** random.next()) - 1));
  if (random.chance(MENTION_SHARE)) words.push(`@${credentialsOf(random.integerBelow(users)).username}`);
  if (random.chance(RARE_SHARE)) words.push(RARE_WORD);
  return words.join(" ");
}
