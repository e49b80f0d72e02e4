import type { RoomSnapshot } from "@multichat/client";
import { type RefObject, useEffect, useLayoutEffect, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import { chat } from "../../../../connection/chat.ts";
import { messageJumps } from "../../../../navigation/room-navigation.ts";
import { useStore } from "../../../../state/store.ts";
import { findMessageRow } from "../rows/row-positions.ts";
import type { Row } from "../rows/rows.ts";

/** The most frames in which scrolling to a message is corrected. */
const MAX_ATTEMPTS = 20;

interface Options {
  /** The message that the address names. */
  readonly seq: number | undefined;
  readonly roomId: string;
  readonly rows: readonly Row[];
  readonly snapshot: Pick<RoomSnapshot, "hasBefore" | "status">;
  readonly list: RefObject<VirtualizerHandle | null>;
  /** Called when the message is loaded and scrolling to it starts. Must be the same function on every render. */
  readonly onFound: () => void;
}

/**
 * Scrolls to the message that the address names, loading it if needed, whenever the address or the number of jumps changes.
 *
 * @returns the seq of the message while the list is scrolling to it
 */
export function useScrollToMessage({ seq, roomId, rows, snapshot, list, onFound }: Options): number | undefined {
  const { hasBefore, status } = snapshot;
  const [goalSeq, setGoalSeq] = useState<number>();
  const jumpCount = useStore(messageJumps);
  const [lastRequest, setLastRequest] = useState<{ readonly seq?: number | undefined; readonly jump: number }>({
    jump: jumpCount,
  });
  if (lastRequest.seq !== seq || lastRequest.jump !== jumpCount) {
    setLastRequest({ seq, jump: jumpCount });
    setGoalSeq(seq);
  }

  useEffect(() => {
    if (goalSeq === undefined || status !== "live") return;
    // If the message cannot be loaded, the position stays.
    chat
      .room(roomId)
      .loadAround(goalSeq)
      .catch(() => setGoalSeq(undefined));
  }, [goalSeq, status, roomId]);

  useLayoutEffect(() => {
    if (goalSeq === undefined) return;
    const goalIndex = findMessageRow(rows, goalSeq, { hasBefore });
    if (goalIndex === undefined) return;
    onFound();
    // Repeated each frame until the row is visible: heights are still being measured, and rows may be inserted above.
    let attempts = MAX_ATTEMPTS;
    const scrollToGoal = () => {
      const handle = list.current;
      if (handle === null) return;
      handle.scrollToIndex(goalIndex, { align: "center" });
      const offset = handle.getItemOffset(goalIndex) - handle.scrollOffset;
      attempts -= 1;
      if (attempts === 0 || (attempts < MAX_ATTEMPTS - 1 && offset >= 0 && offset < handle.viewportSize))
        setGoalSeq(undefined);
      else frame = requestAnimationFrame(scrollToGoal);
    };
    let frame = requestAnimationFrame(scrollToGoal);
    return () => cancelAnimationFrame(frame);
  }, [goalSeq, rows, hasBefore, list, onFound]);

  return goalSeq;
}
