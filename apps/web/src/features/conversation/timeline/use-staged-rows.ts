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
export function nextStage<R extends Keyed>(
  shown: readonly R[],
  wanted: readonly R[],
  /** The index in `shown` of the row in the middle of the screen. */
  looked = 0,
): StagedRows<R> {
  const first = shown[0];
  const wantedFirst = wanted[0];
  if (first === undefined || wantedFirst === undefined || first.key === wantedFirst.key) {
    // A day line stays the first while messages come in below it.
    const second = shown[1];
    const at = second === undefined ? -1 : wanted.findIndex((row) => row.key === second.key);
    if (at <= 1 || first?.key !== wantedFirst?.key) return { rows: wanted, shift: changedAbove(shown, wanted, looked) };
    return { rows: [...wanted.slice(0, at), ...shown.slice(1)], shift: true };
  }
  const added = wanted.findIndex((row) => row.key === first.key);
  // A day line that went further up, for what came stands above and below it: the row below it is what is held.
  const below = shown[1] === undefined ? -1 : wanted.findIndex((row) => row.key === shown[1]?.key);
  if (added > 0 && below > added + 1) return { rows: [...wanted.slice(0, below), ...shown.slice(1)], shift: true };
  if (added > 0) return { rows: [...wanted.slice(0, added), ...shown], shift: true };
  const removed = shown.findIndex((row) => row.key === wantedFirst.key);
  if (removed > 0) return { rows: shown.slice(removed), shift: true };
  // Nothing in common at the head. Below a new day line the old first message may still be there.
  const second = shown[1];
  const kept = second === undefined ? -1 : wanted.findIndex((row) => row.key === second.key);
  if (kept > 0) return { rows: [...wanted.slice(0, kept), ...shown.slice(1)], shift: true };
  return { rows: wanted, shift: false };
}

/** Whether rows came or went between the first row and the one that is looked at, and what follows stayed: a gap was filled. */
function changedAbove(shown: readonly Keyed[], wanted: readonly Keyed[], looked: number): boolean {
  if (shown.length === wanted.length || shown.at(-1)?.key !== wanted.at(-1)?.key) return false;
  let same = 0;
  while (same < shown.length && shown[same]?.key === wanted[same]?.key) same += 1;
  return same <= looked && shown[looked]?.key === wanted[looked + wanted.length - shown.length]?.key;
}

/** @param lookedAt tells the index of the row in the middle of the screen */
export function useStagedRows<R extends Keyed>(wanted: readonly R[], lookedAt: () => number): StagedRows<R> {
  const [stage, setStage] = useState<StagedRows<R> & { readonly of: readonly R[] }>({
    rows: wanted,
    shift: false,
    of: wanted,
  });
  let current = stage;
  if (stage.of !== wanted) {
    current = { ...nextStage(stage.rows, wanted, lookedAt()), of: wanted };
    setStage(current);
  }
  useLayoutEffect(() => {
    if (current.rows !== wanted) setStage({ rows: wanted, shift: false, of: wanted });
  });
  return current;
}
