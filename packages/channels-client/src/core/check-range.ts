/** `setTimeout` takes no longer times. */
const MAX_MS = 2_147_483_647;

/** @throws RangeError */
export function checkRange(option: string, value: number, max = MAX_MS): number {
  if (value >= 1 && value <= max) return value;
  throw new RangeError(`Expected ${option} from 1 to ${max}, got ${value}.`);
}
