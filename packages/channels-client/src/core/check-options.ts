/** The names of the options that an interface declares, as keys: the compiler refuses a list that lacks one, or has another one. */
export type OptionNames<Options> = Readonly<Record<keyof Required<Options>, 1>>;

/**
 * Refuses an option that is not declared, such as a misspelled one. As `checkOptions` of the framework, of which the client imports
 * only types, in fewer bytes.
 * @throws TypeError with the names that are known, and the one that was probably meant.
 */
export function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>, path = ""): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const known = Object.keys(names);
    const [meant = ""] = known.toSorted((a, b) => countEdits(name, a) - countEdits(name, b));
    const hint = countEdits(name, meant) > Math.max(2, name.length / 3) ? "" : ` Did you mean ${path}${meant}?`;
    throw new TypeError(`Expected an option of ${known.join(", ")}, got ${path}${name}.${hint}`);
  }
}

/** Returns how many characters have to be inserted, removed or replaced (Levenshtein), without regard to case. */
function countEdits(from: string, to: string): number {
  const target = to.toLowerCase();
  let row = Array.from({ length: target.length + 1 }, (_, index) => index);
  for (const character of from.toLowerCase()) {
    let diagonal = row[0] ?? 0;
    const next = [diagonal + 1];
    for (let column = 1; column <= target.length; column += 1) {
      const above = row[column] ?? 0;
      const replaced = diagonal + (target[column - 1] === character ? 0 : 1);
      next.push(Math.min(replaced, above + 1, (next[column - 1] ?? 0) + 1));
      diagonal = above;
    }
    row = next;
  }
  return row[target.length] ?? 0;
}
