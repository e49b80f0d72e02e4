import type { RoomSnapshot } from "@multichat/client";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { VirtualizerHandle } from "virtua";
import { chat } from "../../../../connection/chat.ts";
import { findNearestGap, getRowSeq } from "../rows/row-positions.ts";
import type { Row } from "../rows/rows.ts";
import { findMiddleIndex } from "./list-viewport.ts";

/** The distance from the first loaded message at which the previous page is loaded. */
const NEAR_EDGE_PX = 800;
/** The same for a gap. It is larger because the user can scroll past a gap, but not past the first message. */
const NEAR_GAP_PX = 1600;

interface Options {
  readonly roomId: string;
  readonly rows: readonly Row[];
  readonly snapshot: Pick<RoomSnapshot, "hasBefore" | "loadingBefore" | "status">;
  readonly list: RefObject<VirtualizerHandle | null>;
  /** Whether the list follows new messages. */
  readonly isFollowing: RefObject<boolean>;
  /** Whether the list has reached its initial position. */
  readonly hasArrived: RefObject<boolean>;
}

export interface HistoryLoading {
  /** Loads what is missing near the visible part. */
  readonly onScroll: (offset: number) => void;
  /** Loads history at the very top, where no scroll event fires although the user tries to scroll up. */
  readonly onScrollUpAttempt: () => void;
  /** Reports the visible part to the room, which keeps that part in memory. */
  readonly reportViewport: () => void;
}

/** Loads earlier messages and gaps before the user reaches them. */
export function useHistoryLoading({ roomId, rows, snapshot, list, isFollowing, hasArrived }: Options): HistoryLoading {
  const { hasBefore, loadingBefore, status } = snapshot;
  const loadingGap = useRef(false);

  const loadBefore = useCallback(() => {
    chat
      .room(roomId)
      .loadBefore()
      // The connection banner shows the reason of a failure; the next scroll retries.
      .catch(() => {});
  }, [roomId]);

  function loadHistory(): void {
    if (!hasBefore || loadingBefore || !hasArrived.current || status !== "live") return;
    reportViewport();
    loadBefore();
  }

  /** Loads a gap before it becomes visible; the gap has a button, too. */
  function loadNearGap(handle: VirtualizerHandle): void {
    if (loadingGap.current) return;
    const first = handle.findItemIndex(handle.scrollOffset - NEAR_GAP_PX);
    const end = handle.findItemIndex(handle.scrollOffset + handle.viewportSize + NEAR_GAP_PX);
    const nearest = findNearestGap(rows, first, end, findMiddleIndex(handle));
    if (nearest === undefined) return;
    loadingGap.current = true;
    reportViewport();
    chat
      .room(roomId)
      .loadGap(nearest.gap, nearest.edge)
      // On a failure the gap stays with its button, and the next scroll retries.
      .catch(() => {})
      .finally(() => {
        loadingGap.current = false;
      });
  }

  function reportViewport(): void {
    const handle = list.current;
    if (handle === null) return;
    const row = isFollowing.current ? undefined : rows[findMiddleIndex(handle)];
    chat.room(roomId).setViewedSeq(row === undefined ? null : getRowSeq(row));
  }

  // A first page that does not fill the screen cannot be scrolled, so the next one is loaded at once.
  const isEmpty = rows.length === 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new row can fill the screen.
  useEffect(() => {
    const handle = list.current;
    if (handle === null || status !== "live" || !hasBefore || loadingBefore || isEmpty) return;
    if (handle.viewportSize > 0 && handle.scrollSize <= handle.viewportSize) loadBefore();
  }, [status, hasBefore, loadingBefore, rows.length, loadBefore]);

  return {
    onScroll(offset) {
      const handle = list.current;
      if (handle === null) return;
      if (offset < NEAR_EDGE_PX) loadHistory();
      if (status === "live") loadNearGap(handle);
    },
    onScrollUpAttempt() {
      if (list.current?.scrollOffset === 0) loadHistory();
    },
    reportViewport,
  };
}
