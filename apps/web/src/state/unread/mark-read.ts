import { useEffect } from "react";
import { chat } from "../../connection/chat.ts";

/** Ids of the rooms whose newest message is on the screen. */
const roomsBeingRead = new Set<string>();

/** Marks new messages of these rooms as read the moment they arrive, so that they never count as unread. */
export function startMarkingRead(): void {
  chat.listen((event) => {
    if (event.on === "message.posted" && roomsBeingRead.has(event.room)) chat.room(event.room).markRead(event.seq);
  });
}

/**
 * Marks the room as read while the user is reading its newest messages.
 *
 * @param lastSeq the newest message on the screen
 */
export function useMarkRead(room: string, lastSeq: number, { isReading }: { readonly isReading: boolean }): void {
  useEffect(() => {
    if (!isReading) return;
    roomsBeingRead.add(room);
    return () => {
      roomsBeingRead.delete(room);
    };
  }, [room, isReading]);

  useEffect(() => {
    if (isReading) chat.room(room).markRead(lastSeq);
  }, [room, isReading, lastSeq]);
}
