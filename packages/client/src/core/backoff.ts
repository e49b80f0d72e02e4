/** The bound of the first delay; each following bound is twice the one before. */
const BASE_DELAY_MS = 500;
/** The largest bound. */
export const MAX_DELAY_MS = 30_000;

/**
 * Returns a delay in milliseconds with full jitter: anything from 0 to a bound that doubles, so that the clients of a server
 * that went down do not reconnect at the same moment (M. Brooker, "Exponential Backoff And Jitter", 2015).
 * @param attempt how many attempts have failed in a row, from 1
 */
export function fullJitter(attempt: number, random: () => number): number {
  return random() * Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(attempt - 1, 16));
}
