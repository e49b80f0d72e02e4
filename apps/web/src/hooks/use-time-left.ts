import { useEffect, useState } from "react";

/** What a timer of a browser can wait at most, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Milliseconds until a moment comes; 0 when it has come, or there is none.
 *
 * @param intervalMs draws again after so many milliseconds; left out: only when the moment has come
 */
export function useTimeLeft(until: number | null, intervalMs = MAX_TIMER_MS): number {
  const [tick, setTick] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each turn the next one is waited for.
  useEffect(() => {
    const remainingMs = until === null ? 0 : until - Date.now();
    if (remainingMs <= 0) return;
    const timer = setTimeout(() => setTick((before) => before + 1), Math.min(remainingMs, intervalMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  }, [until, intervalMs, tick]);
  return until === null ? 0 : Math.max(0, until - Date.now());
}
