/** How long the client waits before it connects again. */
export interface BackoffOptions {
  /** The bound of the first delay in milliseconds; each following bound is twice the one before. @default 500 */
  readonly baseMs?: number;
  /** The largest bound in milliseconds. @default 30_000 */
  readonly maxMs?: number;
  /** How long a connection must hold before the next failure counts as the first one, in milliseconds. @default 5_000 */
  readonly stableAfterMs?: number;
}

/**
 * Returns a delay in milliseconds with full jitter: anything from 0 to a bound that doubles, so that the clients of a server
 * that went down do not reconnect at the same moment (M. Brooker, "Exponential Backoff And Jitter", 2015).
 * @param attempt how many attempts have failed in a row, from 1
 */
export function fullJitter(
  attempt: number,
  { baseMs, maxMs }: Pick<Required<BackoffOptions>, "baseMs" | "maxMs">,
  random: () => number = Math.random,
): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(attempt, 1) - 1, 30));
}
