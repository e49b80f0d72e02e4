/** The factors for the times of each attempt. */
const FACTORS = [1, 4, 16];

/**
 * Runs a test with short times on the system's clock. If it fails, runs it again with longer times: a busy machine
 * misses only the short ones, an incorrect implementation fails with all.
 */
export async function withLongerTimes(
  test: (factor: number) => Promise<void>,
  prepareRetry: () => Promise<void> = async () => undefined,
): Promise<void> {
  for (const factor of FACTORS.slice(0, -1)) {
    try {
      return await test(factor);
    } catch {
      await prepareRetry();
    }
  }
  await test(FACTORS.at(-1) ?? 1);
}
