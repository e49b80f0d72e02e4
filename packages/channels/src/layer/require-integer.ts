import { ChannelsError } from "../errors.ts";

/**
 * Returns `value` if it is a whole number from `min` to `max`.
 * @throws InvalidOption naming the option.
 */
export function requireInteger(option: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new ChannelsError("InvalidOption", {
    option,
    expected: `a whole number from ${min} to ${max}`,
    got: value,
  });
}
