/** What the command line asks for. Where it cannot be read, the process says why and where to look, and ends with 2. */
export function asked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n--help lists what can be asked for.`);
    process.exit(2);
  }
}

/** The value of an option that is a whole number within bounds. @throws with what was expected and what came. */
export function wholeOption(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`Expected --${name} to be a whole number from ${least} to ${most}, got ${JSON.stringify(value)}.`);
}

/** The value of an option that is a number above 0. @throws with what was expected and what came. */
export function positiveOption(name: string, value: string, most: number): number {
  const number = Number(value);
  if (value.trim() !== "" && number > 0 && number <= most) return number;
  throw new Error(`Expected --${name} to be a number above 0 and at most ${most}, got ${JSON.stringify(value)}.`);
}

/** The values of an option that is a row of whole numbers within bounds. @throws with what was expected and what came. */
export function wholeOptions(name: string, value: string, least: number, most: number): readonly number[] {
  return value.split(",").map((one) => wholeOption(name, one, least, most));
}

/** Those of the names that an option chooses, in their own order; all when it is not given. @throws for any other name. */
export function chosenOption<T extends string>(
  name: string,
  value: string | undefined,
  all: readonly T[],
): readonly T[] {
  if (value === undefined) return all;
  const named = value.split(",");
  const wrong = named.find((one) => !all.some((known) => known === one));
  if (wrong === undefined) return all.filter((one) => named.includes(one));
  throw new Error(`Expected --${name} to name some of ${all.join(", ")}, got ${JSON.stringify(wrong)}.`);
}
