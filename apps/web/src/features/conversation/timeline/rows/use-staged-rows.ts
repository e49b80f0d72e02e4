import { useLayoutEffect, useState } from "react";

interface Keyed {
  readonly key: string;
}

export interface StagedRows<R> {
  readonly rows: readonly R[];
  /** Rows were added or removed at the start, so the scroll position must be kept relative to the end. */
  readonly shift: boolean;
}

/**
 * Computes the next step from the shown rows to the target rows, in steps that a virtual list can follow without a jump: first
 * the changes at the start (a page of history arrived, or the oldest rows were dropped), then everything else. Both steps
 * fall into the same frame.
 */
export function computeNextStage<R extends Keyed>(
  shown: readonly R[],
  target: readonly R[],
  /** The index in `shown` of the row in the middle of the screen. */
  middleIndex = 0,
): StagedRows<R> {
  const first = shown[0];
  const targetFirst = target[0];
  if (first === undefined || targetFirst === undefined || first.key === targetFirst.key) {
    // A day divider stays first while messages are inserted below it.
    const second = shown[1];
    const index = second === undefined ? -1 : target.findIndex((row) => row.key === second.key);
    if (index <= 1 || first?.key !== targetFirst?.key)
      return { rows: target, shift: hasChangedAbove(shown, target, middleIndex) };
    return { rows: [...target.slice(0, index), ...shown.slice(1)], shift: true };
  }
  const added = target.findIndex((row) => row.key === first.key);
  // A day divider that moved up, with rows inserted above and below it: the row below it keeps its position.
  const below = shown[1] === undefined ? -1 : target.findIndex((row) => row.key === shown[1]?.key);
  if (added > 0 && below > added + 1) return { rows: [...target.slice(0, below), ...shown.slice(1)], shift: true };
  if (added > 0) return { rows: [...target.slice(0, added), ...shown], shift: true };
  const removed = shown.findIndex((row) => row.key === targetFirst.key);
  if (removed > 0) return { rows: shown.slice(removed), shift: true };
  // The starts differ. Below a new day divider the old first message may still exist.
  const second = shown[1];
  const shiftedTo = second === undefined ? -1 : target.findIndex((row) => row.key === second.key);
  if (shiftedTo > 0) return { rows: [...target.slice(0, shiftedTo), ...shown.slice(1)], shift: true };
  return { rows: target, shift: false };
}

/** Whether rows changed between the first row and the middle of the screen while the rest stayed, as when a gap is filled. */
function hasChangedAbove(shown: readonly Keyed[], target: readonly Keyed[], middleIndex: number): boolean {
  if (shown.length === target.length || shown.at(-1)?.key !== target.at(-1)?.key) return false;
  let commonPrefix = 0;
  while (commonPrefix < shown.length && shown[commonPrefix]?.key === target[commonPrefix]?.key) commonPrefix += 1;
  return (
    commonPrefix <= middleIndex && shown[middleIndex]?.key === target[middleIndex + target.length - shown.length]?.key
  );
}

/**
 * Replaces the rows in up to two steps; see `computeNextStage`.
 *
 * @param getMiddleIndex returns the index of the row in the middle of the screen
 */
export function useStagedRows<R extends Keyed>(target: readonly R[], getMiddleIndex: () => number): StagedRows<R> {
  const [stage, setStage] = useState<StagedRows<R> & { readonly of: readonly R[] }>({
    rows: target,
    shift: false,
    of: target,
  });
  let current = stage;
  if (stage.of !== target) {
    current = { ...computeNextStage(stage.rows, target, getMiddleIndex()), of: target };
    setStage(current);
  }
  useLayoutEffect(() => {
    if (current.rows !== target) setStage({ rows: target, shift: false, of: target });
  });
  return current;
}
