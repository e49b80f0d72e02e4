/** Reads the command line. Where that fails, prints the reason and exits with 2. */
export function parseOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nRun with --help for the options.`);
    process.exit(2);
  }
}

/** Parses an integer option. @throws with what was expected and what came. */
export function integerOption(name: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isInteger(number) && number >= min && number <= max) return number;
  throw new Error(`Expected --${name} to be a whole number from ${min} to ${max}, got ${JSON.stringify(value)}.`);
}

/** Parses the seed of a random plan, or draws one. @throws with what was expected and what came. */
export function seedOption(value: string | undefined): number {
  return value === undefined ? Math.floor(Math.random() * 2 ** 32) : integerOption("seed", value, 0, 2 ** 32);
}

/** Parses an option that is a number above 0. @throws with what was expected and what came. */
export function positiveOption(name: string, value: string, max: number): number {
  const number = Number(value);
  if (value.trim() !== "" && number > 0 && number <= max) return number;
  throw new Error(`Expected --${name} to be a number above 0 and at most ${max}, got ${JSON.stringify(value)}.`);
}

/** Parses an option that is a comma-separated list of integers. @throws with what was expected and what came. */
export function integerListOption(name: string, value: string, min: number, max: number): readonly number[] {
  return value.split(",").map((item) => integerOption(name, item, min, max));
}

/** Returns the names that a comma-separated option selects, in the order of `all`; all without it. @throws for other names. */
export function selectionOption<T extends string>(
  name: string,
  value: string | undefined,
  all: readonly T[],
): readonly T[] {
  if (value === undefined) return all;
  const selected = value.split(",");
  const unknown = selected.find((item) => !all.some((known) => known === item));
  if (unknown === undefined) return all.filter((item) => selected.includes(item));
  throw new Error(`Expected --${name} to name some of ${all.join(", ")}, got ${JSON.stringify(unknown)}.`);
}
