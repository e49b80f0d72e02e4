import { defaultTimeoutMs } from "./default-timeout.ts";

/** How long `eventually` tries, and how often, in milliseconds. */
export interface EventuallyOptions {
  /** @default 5_000 */
  readonly timeoutMs?: number;
  /** @default 5 */
  readonly intervalMs?: number;
}

/**
 * Calls `check` until it neither throws nor returns false, and returns what it returned. At the deadline it throws what
 * `check` threw last, so that a failing test says what was still wrong.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const { timeoutMs = defaultTimeoutMs(5_000), intervalMs = 5 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const late = performance.now() >= deadline;
    try {
      const value = await check();
      // What is not false is not of the type false either; the compiler does not see that through a type parameter.
      if (value !== false) return value as Exclude<T, false>;
      if (late) throw new Error(`What was waited for had not happened after ${timeoutMs} ms.`);
    } catch (error) {
      if (late) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
