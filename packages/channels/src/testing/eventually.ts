import { checkOptions } from "../options.ts";
import { defaultTimeoutMs } from "./default-timeout.ts";

/** How long and how often `eventually` calls its check. */
export interface EventuallyOptions {
  /**
   * The time limit in milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number;
  /**
   * The time between two calls in milliseconds.
   * @default 5
   */
  readonly intervalMs?: number;
}

/**
 * Calls `check` until it neither throws nor returns false, and returns its result. After the time limit, throws the
 * last error of `check`, so that a failing test shows what was still wrong.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  checkOptions<EventuallyOptions>(options, { timeoutMs: true, intervalMs: true });
  const { timeoutMs = defaultTimeoutMs(5_000), intervalMs = 5 } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const isLastTry = performance.now() >= deadline;
    try {
      const value = await check();
      // The compiler does not narrow a type parameter by the comparison.
      if (value !== false) return value as Exclude<T, false>;
      if (isLastTry) throw new Error(`The check still returned false after ${timeoutMs} ms.`);
    } catch (error) {
      if (isLastTry) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
