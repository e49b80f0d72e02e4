import { useEffect, useState } from "react";

/** The longest delay that browsers support. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Returns the milliseconds until a moment; 0 when it has passed or there is none.
 *
 * @param intervalMs rerenders at this interval; by default only when the moment has come
 */
export function useTimeLeft(until: number | null, intervalMs = MAX_TIMER_MS): number {
  const [tick, setTick] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each tick schedules the next one.
  useEffect(() => {
    const remainingMs = until === null ? 0 : until - Date.now();
    if (remainingMs <= 0) return;
    const timer = setTimeout(
      () => setTick((previous) => previous + 1),
      Math.min(remainingMs, intervalMs, MAX_TIMER_MS),
    );
    return () => clearTimeout(timer);
  }, [until, intervalMs, tick]);
  return until === null ? 0 : Math.max(0, until - Date.now());
}
