import { ChannelsError } from "./errors.ts";

/** The names of the options that an interface declares, as keys: the compiler refuses a list that lacks one, or has another one. */
export type OptionNames<Options> = Readonly<Record<keyof Required<Options>, unknown>>;

/**
 * Refuses an option that is not declared, such as a misspelled one, which would otherwise be ignored in silence.
 * @param path what precedes the name in the error, such as `work.`
 * @throws InvalidOption with the names that are known, and the one that was probably meant.
 */
export function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>, path = ""): void {
  if (typeof options !== "object" || options === null) {
    const option = path === "" ? "options" : path.slice(0, -1);
    throw new ChannelsError("InvalidOption", { option, expected: "an object", got: options });
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const known = Object.keys(names);
    const meant = findClosest(name, known);
    throw new ChannelsError("InvalidOption", {
      option: `${path}${name}`,
      expected: `one of ${known.join(", ")}`,
      got: name,
      ...(meant === undefined ? {} : { meant }),
    });
  }
}

/** Returns the known name that a misspelled one resembles. */
function findClosest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => ({ candidate, distance: countEdits(name, candidate) }));
  const [closest] = distances.sort((a, b) => a.distance - b.distance);
  // Two letters that have changed places are two edits.
  const limit = name.length < 4 ? 1 : Math.max(2, name.length / 3);
  return closest !== undefined && closest.distance <= limit ? closest.candidate : undefined;
}

/** Returns how many characters have to be inserted, removed or replaced (Levenshtein), without regard to case. */
function countEdits(from: string, to: string): number {
  // Programs may make names of what others send.
  const source = from.slice(0, 100).toLowerCase();
  const target = to.toLowerCase();
  let row = Array.from({ length: target.length + 1 }, (_, index) => index);
  for (const [index, character] of [...source].entries()) {
    const next = [index + 1];
    for (let column = 0; column < target.length; column += 1) {
      const replaced = (row[column] ?? 0) + (target[column] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[target.length] ?? 0;
}
