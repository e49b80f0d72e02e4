/** Milliseconds: the first delay is below this, each following one below twice the former's bound. */
const BASE = 500;
/** Milliseconds: no delay is longer. */
export const LONGEST_DELAY = 30_000;

/**
 * Full jitter: anything from 0 up to a bound that doubles, so that a thousand clients of a server that went do not come back
 * together (M. Brooker, "Exponential Backoff And Jitter", 2015).
 * @param attempt how many have failed in a row, from 1
 * @returns milliseconds
 */
export function fullJitter(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_DELAY, BASE * 2 ** Math.min(attempt - 1, 16));
}
