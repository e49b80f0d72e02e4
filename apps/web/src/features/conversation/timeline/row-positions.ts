import type { GapItem } from "@multichat/client";
import type { Row } from "./rows.ts";

/**
 * Returns the index of a message's row, or of the next message when the seq is not that of a message; undefined while that
 * part of the room is not loaded.
 */
export function findMessageRow(rows: readonly Row[], seq: number, hasBefore: boolean): number | undefined {
  const at = rows.findIndex((row) => row.kind === "message" && row.message.seq >= seq);
  const row = rows[at];
  if (row?.kind !== "message") return undefined;
  if (row.message.seq === seq) return at;
  const before = rows.slice(0, at).findLast(({ kind }) => kind === "message" || kind === "gap");
  const isContiguous = before === undefined ? !hasBefore : before.kind === "message";
  return isContiguous ? at : undefined;
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
  /** The edge of the gap that is nearer to the middle of the screen: it lies above or below what is visible. */
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
  for (let at = Math.max(0, first); at <= last; at += 1) {
    const row = rows[at];
    const distance = Math.abs(at - middle);
    if (row?.kind !== "gap" || (nearest !== undefined && nearest.distance <= distance)) continue;
    nearest = { gap: row.gap, edge: at > middle ? "above" : "below", distance };
  }
  return nearest;
}
