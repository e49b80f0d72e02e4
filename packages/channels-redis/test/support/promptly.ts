/** The longest ping interval and connect timeout that a layer takes. */
export const LONGEST_TIMING = { pingMs: 60_000, connectTimeoutMs: 60_000 } as const;
const PROMPT_MS = 30_000;

/** Rejects when `work` waits for a ping or a connect timeout of {@link LONGEST_TIMING} instead of ending by itself. */
export async function promptly<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`Expected an end without waiting, got none in ${PROMPT_MS} ms.`)),
    PROMPT_MS,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
