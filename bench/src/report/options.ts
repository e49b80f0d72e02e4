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
