import { useEffect, useState } from "react";

/** What a timer of a browser can wait at most, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Milliseconds until a moment comes; 0 when it has come, or there is none.
 *
 * @param every draws again after so many milliseconds; left out: only when the moment has come
 */
export function useTimeLeft(until: number | null, every = MAX_TIMER): number {
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each turn the next one is waited for.
  useEffect(() => {
    const left = until === null ? 0 : until - Date.now();
    if (left <= 0) return;
    const timer = setTimeout(() => setTurn((before) => before + 1), Math.min(left, every, MAX_TIMER));
    return () => clearTimeout(timer);
  }, [until, every, turn]);
  return until === null ? 0 : Math.max(0, until - Date.now());
}
