import type { GapItem } from "@multichat/client";
import type { Row } from "./rows.ts";

/**
 * Returns the index of a message's row, or of the next message when the seq is not that of a message; undefined while that
 * part of the room is not loaded.
 */
export function findMessageRow(
  rows: readonly Row[],
  seq: number,
  { hasBefore }: { readonly hasBefore: boolean },
): number | undefined {
  const index = rows.findIndex((row) => row.kind === "message" && row.message.seq >= seq);
  const row = rows[index];
  if (row?.kind !== "message") return undefined;
  if (row.message.seq === seq) return index;
  const previous = rows.slice(0, index).findLast(({ kind }) => kind === "message" || kind === "gap");
  const isContiguous = previous === undefined ? !hasBefore : previous.kind === "message";
  return isContiguous ? index : undefined;
}

export function isMessageRow(row: Row, id: string): boolean {
  return row.kind === "message" && row.message.id === id;
}

/** Returns the seq of a row; null for rows without one. */
export function getRowSeq(row: Row): number | null {
  switch (row.kind) {
    case "message":
      return row.message.seq;
    case "gap":
      return row.gap.after;
    case "event":
      return row.event.seq;
    case "presence":
      return row.notice.afterSeq;
    default:
      return null;
  }
}

export interface NearestGap {
  readonly gap: GapItem;
  /** The edge of the gap that is nearer to the middle of the screen: the upper one (`above`) if the gap is below the middle. */
  readonly edge: "above" | "below";
}

/** Returns the gap among these rows that is nearest to the middle of the screen. */
export function findNearestGap(
  rows: readonly Row[],
  first: number,
  last: number,
  middle: number,
): NearestGap | undefined {
  let nearest: (NearestGap & { readonly distance: number }) | undefined;
  for (let index = Math.max(0, first); index <= last; index += 1) {
    const row = rows[index];
    const distance = Math.abs(index - middle);
    if (row?.kind !== "gap" || (nearest !== undefined && nearest.distance <= distance)) continue;
    nearest = { gap: row.gap, edge: index > middle ? "above" : "below", distance };
  }
  return nearest;
}
