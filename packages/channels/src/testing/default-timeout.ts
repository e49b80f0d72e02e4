/**
 * Returns how long a helper waits by default, in milliseconds. On a slow or busy machine, the environment variable
 * `CHANNELS_TEST_TIMEOUT_MS` raises it for all helpers.
 */
export function defaultTimeoutMs(fallbackMs: number): number {
  const configuredMs = Number(process.env.CHANNELS_TEST_TIMEOUT_MS);
  return configuredMs > 0 ? configuredMs : fallbackMs;
}
