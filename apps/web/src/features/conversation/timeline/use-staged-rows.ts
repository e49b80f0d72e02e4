import { useLayoutEffect, useState } from "react";

interface Keyed {
  readonly key: string;
}

export interface StagedRows<R> {
  readonly rows: readonly R[];
  /** This step changed the head of the list: the view is to be held from its end. */
  readonly shift: boolean;
}

/**
 * The way from the rows on the screen to the rows that there are, in steps that a virtual list can follow without a jump:
 * first what changed at the head (a page of history came, or the oldest went), then everything else. Two steps fall into the
 * same frame.
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
    // A day line stays the first while messages come in below it.
    const second = shown[1];
    const at = second === undefined ? -1 : target.findIndex((row) => row.key === second.key);
    if (at <= 1 || first?.key !== targetFirst?.key)
      return { rows: target, shift: hasChangedAbove(shown, target, middleIndex) };
    return { rows: [...target.slice(0, at), ...shown.slice(1)], shift: true };
  }
  const added = target.findIndex((row) => row.key === first.key);
  // A day line that went further up, for what came stands above and below it: the row below it is what is held.
  const below = shown[1] === undefined ? -1 : target.findIndex((row) => row.key === shown[1]?.key);
  if (added > 0 && below > added + 1) return { rows: [...target.slice(0, below), ...shown.slice(1)], shift: true };
  if (added > 0) return { rows: [...target.slice(0, added), ...shown], shift: true };
  const removed = shown.findIndex((row) => row.key === targetFirst.key);
  if (removed > 0) return { rows: shown.slice(removed), shift: true };
  // Nothing in common at the head. Below a new day line the old first message may still be there.
  const second = shown[1];
  const shiftedTo = second === undefined ? -1 : target.findIndex((row) => row.key === second.key);
  if (shiftedTo > 0) return { rows: [...target.slice(0, shiftedTo), ...shown.slice(1)], shift: true };
  return { rows: target, shift: false };
}

/** Whether rows came or went between the first row and the one that is looked at, and what follows stayed: a gap was filled. */
function hasChangedAbove(shown: readonly Keyed[], target: readonly Keyed[], middleIndex: number): boolean {
  if (shown.length === target.length || shown.at(-1)?.key !== target.at(-1)?.key) return false;
  let commonPrefix = 0;
  while (commonPrefix < shown.length && shown[commonPrefix]?.key === target[commonPrefix]?.key) commonPrefix += 1;
  return (
    commonPrefix <= middleIndex && shown[middleIndex]?.key === target[middleIndex + target.length - shown.length]?.key
  );
}

/** @param getMiddleIndex tells the index of the row in the middle of the screen */
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
