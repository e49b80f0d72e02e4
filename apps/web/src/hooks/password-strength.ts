import { findPasswordWeakness, type PasswordOwner, type PasswordWeakness } from "@multichat/protocol/passwords";
import { dictionary } from "@zxcvbn-ts/language-common";

/** `level`: 1 where the server refuses the password, 2 where it accepts it, 3 where it is also long enough to last. */
export interface PasswordStrength {
  readonly level: 1 | 2 | 3;
  /** Why it is refused; undefined: it is too short, or accepted. */
  readonly weakness: PasswordWeakness | undefined;
}

const BREACHED: ReadonlySet<string> = new Set(
  (dictionary["passwords-common"] as readonly string[]).map((word) => word.toLowerCase()),
);

/** Guesses that no attacker who has the hashes can make, in bits. */
const STRONG_BITS = 70;

/** The kinds of characters, and how many there are of each. */
const POOLS: readonly (readonly [RegExp, number])[] = [
  [/\p{Ll}/u, 26],
  [/\p{Lu}/u, 26],
  [/\p{N}/u, 10],
  [/[^\p{L}\p{N}]/u, 33],
  [/[^\p{Ll}\p{Lu}\P{L}]/u, 100],
];

export function judgePassword(password: string, owner: PasswordOwner, minChars: number): PasswordStrength {
  if ([...password].length < minChars) return { level: 1, weakness: undefined };
  const weakness = findPasswordWeakness(password, owner, BREACHED);
  if (weakness !== undefined) return { level: 1, weakness };
  return { level: estimateBits(password) < STRONG_BITS ? 2 : 3, weakness: undefined };
}

/** A generous estimate: characters that repeat or follow the one before count for nothing. */
function estimateBits(password: string): number {
  const points = [...password].map((character) => character.codePointAt(0) ?? 0);
  const counted = points.filter((point, index) => index === 0 || Math.abs(point - (points[index - 1] ?? 0)) > 1);
  const pool = POOLS.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0);
  return counted.length * Math.log2(Math.max(2, pool));
}
