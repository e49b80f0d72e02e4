/** The product's name and words that installations are named by. */
const PRODUCT_WORDS = ["multichat", "chat", "admin", "administrator"];
/** Characters around a word, such as the "1!" of "Password1!", that do not make a password harder to guess. */
const MAX_AFFIX_CHARS = 4;
const MIN_WORD_CHARS = 3;
const LEET: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
  "+": "t",
};

export interface PasswordOwner {
  readonly username: string;
  readonly email?: string | null | undefined;
}

/** Why a password is easy to guess: it is the username, the product's name, a repetition or sequence, or known to attackers. */
export type PasswordWeakness = "username" | "product" | "repetition" | "breached";

/**
 * Returns why a new password is refused; undefined where it is accepted. It is refused if it is in a list of breached
 * passwords, is the username or the product's name, or repeats or counts; also in another case, reversed, with digits for
 * letters, repeated, or with up to four digits or signs around it. Takes time in proportion to its length, which a strength
 * estimate does not. The server and the page, which says so while the password is typed, use the same list.
 *
 * @param breached Passwords in lower case. Only the other rules apply to an empty list.
 */
export function findPasswordWeakness(
  password: string,
  owner: PasswordOwner,
  breached: ReadonlySet<string>,
): PasswordWeakness | undefined {
  const words = spellings(password);
  const own = [owner.username, owner.email?.split("@", 1)[0] ?? ""].map(fold).filter((word) => word !== "");
  if (words.some((word) => own.includes(word))) return "username";
  if (words.some((word) => PRODUCT_WORDS.includes(word))) return "product";
  if (isRepetition(fold(password)) || isSequence(fold(password))) return "repetition";
  return words.some((word) => breached.has(word)) ? "breached" : undefined;
}

function fold(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Returns the simpler passwords that an attacker's tools derive this one from. */
function spellings(password: string): readonly string[] {
  const folded = fold(password).replaceAll(/\s/gu, "");
  const found = new Set<string>();
  for (const text of [folded, shortestPeriod(folded)]) {
    for (const word of [text, stripAffixes(text, /[^\p{L}\p{M}]/u), stripAffixes(text, /[^\p{L}\p{M}\p{N}]/u)]) {
      const decoded = [...word].map((character) => LEET[character] ?? character).join("");
      for (const spelling of [word, decoded, stripAffixes(decoded, /[^\p{L}\p{M}]/u)]) {
        found.add(spelling).add([...spelling].reverse().join(""));
      }
    }
  }
  return [...found].filter((word) => word.length >= MIN_WORD_CHARS || word === folded);
}

/** Returns the text without the characters of the class around it; the text itself if they are too many to ignore. */
function stripAffixes(text: string, affix: RegExp): string {
  const characters = [...text];
  let start = 0;
  let end = characters.length;
  while (start < end && affix.test(characters[start] ?? "")) start += 1;
  while (end > start && affix.test(characters[end - 1] ?? "")) end -= 1;
  const removed = start + characters.length - end;
  return removed > MAX_AFFIX_CHARS ? text : characters.slice(start, end).join("");
}

/** Returns `hunter2` for `hunter2hunter2`, and a text that repeats nothing as it is. */
function shortestPeriod(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1) {
    if (text.length % length === 0 && text.slice(0, length).repeat(text.length / length) === text) {
      return text.slice(0, length);
    }
  }
  return text;
}

function isRepetition(text: string): boolean {
  return new Set(text).size <= 2 || shortestPeriod(text).length <= 3;
}

/** Returns whether every character follows the one before it, up or down: `abcdefgh`, `98765432`. */
function isSequence(text: string): boolean {
  const points = [...text].map((character) => character.codePointAt(0) ?? 0);
  return [1, -1].some((step) =>
    points.every((point, index) => index === 0 || point - (points[index - 1] ?? 0) === step),
  );
}
