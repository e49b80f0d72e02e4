import type { RoomSnapshot } from "@multichat/client";
import { useState } from "react";

export interface UnreadDividerState {
  /** The seq after which messages are new; null: no divider. */
  readonly after: number | null;
  readonly clear: () => void;
}

/**
 * Decides where the "New" divider stands: at the first message that was unread when the user opened the room or came back to
 * it,
 * or that was marked as unread. It stays while the user reads, and disappears when they send a message, mark everything as read or leave.
 */
export function useUnreadDivider(
  snapshot: RoomSnapshot,
  { isAttentive }: { readonly isAttentive: boolean },
): UnreadDividerState {
  const { readSeq, unread, items, hasBefore, status } = snapshot;
  const [after, setAfter] = useState<number | null>(null);
  const [isFirstLook, setIsFirstLook] = useState(true);
  const [wasAway, setWasAway] = useState(false);
  const [lastReadSeq, setLastReadSeq] = useState(readSeq);
  const [wasAttentive, setWasAttentive] = useState(isAttentive);

  if (wasAttentive !== isAttentive) {
    setWasAttentive(isAttentive);
    if (!isAttentive) setAfter(null);
  }
  if (lastReadSeq !== readSeq) {
    setLastReadSeq(readSeq);
    // The user has marked messages as unread.
    if (readSeq < lastReadSeq) setAfter(readSeq);
  }
  const isLoaded = items.length > 0 || status === "live";
  // Messages that arrived while the connection was down are new, too.
  const reconnected = status === "live" && wasAway;
  // Unread since the room was opened or left. A user who has never read this room gets no divider.
  if (isLoaded && after === null && unread > 0 && readSeq > 0 && (isFirstLook || reconnected || !isAttentive))
    setAfter(readSeq);
  if (isLoaded && isFirstLook) setIsFirstLook(false);
  if (wasAway !== (status === "stale")) setWasAway(status === "stale");

  const [first] = items;
  const isLoadedFromThere = !hasBefore || (first?.kind === "message" && after !== null && first.message.seq <= after);
  return { after: isLoadedFromThere ? after : null, clear: () => setAfter(null) };
}
