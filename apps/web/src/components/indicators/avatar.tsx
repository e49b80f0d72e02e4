import styles from "./avatar.module.css";

const HUES = 16;
const SEPARATORS = /[\s._-]+/;
/** Scripts whose letters are read one by one, so that two of them say more than one. */
const SEPARATE_LETTERS = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u;

/** Returns a number below 16 that is always the same for one id. */
function hueOf(id: string): number {
  let hash = 7;
  for (let i = 0; i < id.length; i += 1) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  // The low bits alone would follow those of the last character.
  return (hash ^ (hash >>> 16)) % HUES;
}

/** Returns the first letters of the first two parts of a name, or of its only part; one letter in scripts that join letters. */
export function initialsOf(name: string): string {
  const [first = "", second] = name.split(SEPARATORS).filter((part) => part !== "");
  const [letter, next] = first;
  if (letter === undefined) return "?";
  if (!SEPARATE_LETTERS.test(letter)) return letter.toLocaleUpperCase();
  const other = second === undefined ? (next ?? "") : ([...second][0] ?? "");
  return letter.toLocaleUpperCase() + (second === undefined ? other : other.toLocaleUpperCase());
}

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly small?: boolean;
}

/** A tile with the initials of a name. Decorative: the name is always beside it. */
export function Avatar({ id, name, small }: AvatarProps) {
  return (
    <span className={styles.avatar} data-hue={hueOf(id)} data-small={small || undefined} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
