import type { RoomSnapshot } from "@multichat/client";
import { useState } from "react";

export interface UnreadDividerState {
  /** The seq after which everything is new; null: no line. */
  readonly after: number | null;
  readonly clear: () => void;
}

/**
 * Where the "New" line stands: at what was unread when one came, or came back. It does not move while one looks on, and goes
 * when one writes oneself, says that all is read, or looks away.
 */
export function useUnreadDivider(snapshot: RoomSnapshot, attentive: boolean): UnreadDividerState {
  const { readSeq, unread, items, hasBefore, status } = snapshot;
  const [after, setAfter] = useState<number | null>(null);
  const [isFirstLook, setIsFirstLook] = useState(true);
  const [wasAway, setWasAway] = useState(false);
  const [wasAttentive, setWasAttentive] = useState(attentive);

  if (wasAttentive !== attentive) {
    setWasAttentive(attentive);
    if (!attentive) setAfter(null);
  }
  const isLoaded = items.length > 0 || status === "live";
  // What came while the connection was away is new too.
  const reconnected = status === "live" && wasAway;
  // Unread since the first look, or since one looked away. Somebody who has never read here has no such line.
  if (isLoaded && after === null && unread > 0 && readSeq > 0 && (isFirstLook || reconnected || !attentive))
    setAfter(readSeq);
  if (isLoaded && isFirstLook) setIsFirstLook(false);
  if (wasAway !== (status === "stale")) setWasAway(status === "stale");

  const [first] = items;
  const isLoadedFromThere = !hasBefore || (first?.kind === "message" && after !== null && first.message.seq <= after);
  return { after: isLoadedFromThere ? after : null, clear: () => setAfter(null) };
}
