/**
 * How long a helper waits unless it is told otherwise, in milliseconds. A slow or busy machine can raise it for all of
 * them with the environment variable `CHANNELS_TEST_TIMEOUT_MS`.
 */
export function defaultTimeoutMs(fallbackMs: number): number {
  const configuredMs = Number(process.env.CHANNELS_TEST_TIMEOUT_MS);
  return configuredMs > 0 ? configuredMs : fallbackMs;
}

/** How long one rule of a contract suite may take before it counts as hanging. */
export const RULE_TIMEOUT_MS = 600_000;
