import styles from "./avatar.module.css";

const HUES = 8;

/** Returns a number below 8 that is always the same for one id. */
export function hueOf(id: string): number {
  let hash = 7;
  for (let i = 0; i < id.length; i += 1) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  return hash % HUES;
}

function initialOf(name: string): string {
  const [first] = name;
  return first?.toLocaleUpperCase() ?? "?";
}

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly small?: boolean;
}

/** A tile with the first letter of a name. Decorative: the name is always beside it. */
export function Avatar({ id, name, small }: AvatarProps) {
  return (
    <span className={styles.avatar} data-hue={hueOf(id)} data-small={small || undefined} aria-hidden="true">
      {initialOf(name)}
    </span>
  );
}
