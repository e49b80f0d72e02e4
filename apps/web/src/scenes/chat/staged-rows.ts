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
export function nextStage<R extends Keyed>(shown: readonly R[], wanted: readonly R[]): StagedRows<R> {
  const first = shown[0];
  const wantedFirst = wanted[0];
  if (first === undefined || wantedFirst === undefined || first.key === wantedFirst.key) {
    // A day line stays the first while messages come in below it.
    const second = shown[1];
    const at = second === undefined ? -1 : wanted.findIndex((row) => row.key === second.key);
    if (at <= 1 || first?.key !== wantedFirst?.key) return { rows: wanted, shift: false };
    return { rows: [...wanted.slice(0, at), ...shown.slice(1)], shift: true };
  }
  const added = wanted.findIndex((row) => row.key === first.key);
  if (added > 0) return { rows: [...wanted.slice(0, added), ...shown], shift: true };
  const removed = shown.findIndex((row) => row.key === wantedFirst.key);
  if (removed > 0) return { rows: shown.slice(removed), shift: true };
  // Nothing in common at the head. Below a new day line the old first message may still be there.
  const second = shown[1];
  const kept = second === undefined ? -1 : wanted.findIndex((row) => row.key === second.key);
  if (kept > 0) return { rows: [...wanted.slice(0, kept), ...shown.slice(1)], shift: true };
  return { rows: wanted, shift: false };
}

export function useStagedRows<R extends Keyed>(wanted: readonly R[]): StagedRows<R> {
  const [stage, setStage] = useState<StagedRows<R> & { readonly of: readonly R[] }>({
    rows: wanted,
    shift: false,
    of: wanted,
  });
  let current = stage;
  if (stage.of !== wanted) {
    current = { ...nextStage(stage.rows, wanted), of: wanted };
    setStage(current);
  }
  useLayoutEffect(() => {
    if (current.rows !== wanted) setStage({ rows: wanted, shift: false, of: wanted });
  });
  return current;
}
